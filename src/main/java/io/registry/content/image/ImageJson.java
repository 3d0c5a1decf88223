package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The JSON document of an image (protocol 1.1). The registry interprets only its id and its parent;
 * the bytes are stored unchanged, because the checksum covers them.
 *
 * @param id the image that it describes
 * @param parent the parent image; empty for a base image
 */
record ImageJson(ImageId id, Optional<ImageId> parent) {

  /**
   * Parses the JSON that a client sent (protocol 2.2, PUT json).
   *
   * @param codec parses JSON
   * @param id the image in the request's path
   * @param bytes the document
   * @return the parsed document
   * @throws RegistryException when it does not describe that image
   */
  static ImageJson parse(JsonCodec codec, ImageId id, byte[] bytes) {
    JsonNode json =
        codec
            .parseUntrusted(bytes)
            .filter(node -> node.isObject() && !node.isEmpty())
            .orElseThrow(() -> new RegistryException(Problem.INVALID, "Invalid JSON"));
    JsonNode named = json.get("id");
    if (named == null) {
      throw new RegistryException(Problem.INVALID, "Missing key `id' in JSON");
    }
    if (!named.isString() || !named.stringValue().equals(id.value())) {
      throw new RegistryException(Problem.INVALID, "JSON data contains invalid id");
    }
    return new ImageJson(id, parent(json));
  }

  /**
   * Reads the parent from a stored document.
   *
   * @param codec parses JSON
   * @param bytes the document
   * @return the parent; empty for a base image
   * @throws RegistryException when the document is damaged
   */
  static Optional<ImageId> parent(JsonCodec codec, byte[] bytes) {
    return parent(
        codec
            .parse(bytes)
            .filter(JsonNode::isObject)
            .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Image not found")));
  }

  // A value that is false in Python means that there is no parent: null, an empty text, list or
  // object, 0 and false.
  private static Optional<ImageId> parent(JsonNode json) {
    JsonNode parent = json.get("parent");
    if (parent == null || isEmpty(parent)) {
      return Optional.empty();
    }
    return Optional.of(
        Optional.of(parent)
            .filter(JsonNode::isString)
            .flatMap(node -> ImageId.find(node.stringValue()))
            .orElseThrow(
                () ->
                    new RegistryException(
                        Problem.INVALID, "Image depends on a non existing parent")));
  }

  /** Whether a value is false in Python, the language of the original. */
  static boolean isEmpty(JsonNode node) {
    return node.isNull()
        || (node.isContainer() && node.isEmpty())
        || (node.isString() && node.stringValue().isEmpty())
        || (node.isBoolean() && !node.booleanValue())
        || (node.isNumber() && node.doubleValue() == 0);
  }
}
