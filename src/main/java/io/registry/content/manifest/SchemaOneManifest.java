package io.registry.content.manifest;

import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A manifest of Docker's schema 1: a chain of V1 images, each with its JSON and its layer (Docker
 * Registry HTTP API V2, image manifest version 2, schema 1). It is read as Docker 1.10 and later
 * read it ({@code distribution/pull_v2.go}, {@code fixManifestLayers}).
 *
 * @param images the images, the base first
 */
public record SchemaOneManifest(List<Image> images) {
  /** Copies the list. */
  public SchemaOneManifest {
    images = List.copyOf(images);
  }

  /**
   * An image of the chain.
   *
   * @param id its V1 id
   * @param json its JSON
   * @param layer the digest of its layer
   * @param isThrowaway whether the manifest says that the image changes no file: then clients do
   *     not fetch the layer
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Image(ImageId id, byte[] json, Digest layer, boolean isThrowaway) {}

  private record Link(Image image, String parent, String source) {}

  /**
   * Reads a manifest.
   *
   * @param codec parses JSON
   * @param json the manifest, with or without its signatures
   * @throws RegistryException {@code INVALID} when it is not a chain of images
   */
  static SchemaOneManifest of(JsonCodec codec, JsonNode json) {
    JsonNode layers = json.path("fsLayers");
    JsonNode history = json.path("history");
    if (!layers.isArray() || !history.isArray() || layers.isEmpty()) {
      throw invalid("fsLayers, history: have to be arrays with one entry for each image");
    }
    if (layers.size() != history.size()) {
      throw invalid(
          "fsLayers: has %d entries, and history %d".formatted(layers.size(), history.size()));
    }
    if (layers.size() > ManifestParser.MAX_PARTS) {
      throw invalid(
          "fsLayers: up to %d are accepted, not %d"
              .formatted(ManifestParser.MAX_PARTS, layers.size()));
    }
    List<Link> chain = new ArrayList<>();
    for (int i = layers.size() - 1; i >= 0; i--) {
      Link link = link(codec, layers.path(i), history.path(i), i);
      // Docker 1.6 pushed some images twice.
      boolean isRepeated =
          !chain.isEmpty() && chain.get(chain.size() - 1).source().equals(link.source());
      if (!isRepeated) {
        requireParent(chain, link, i);
        chain.add(link);
      }
    }
    Set<ImageId> ids = new HashSet<>();
    for (Link link : chain) {
      if (!ids.add(link.image().id())) {
        throw invalid("history: the image %s appears twice".formatted(link.image().id()));
      }
    }
    return new SchemaOneManifest(chain.stream().map(Link::image).toList());
  }

  private static Link link(JsonCodec codec, JsonNode layer, JsonNode entry, int index) {
    Digest digest =
        Digest.find(layer.path("blobSum").asString(""))
            .filter(Digest::isSha256)
            .orElseThrow(
                () -> invalid("fsLayers[%d].blobSum: has to be a SHA-256".formatted(index)));
    String where = "history[%d].v1Compatibility: ".formatted(index);
    JsonNode text = entry.path("v1Compatibility");
    if (!text.isString()) {
      throw invalid(where + "has to be a text");
    }
    byte[] json = text.stringValue().getBytes(StandardCharsets.UTF_8);
    JsonNode image =
        codec
            .parseUntrusted(json)
            .filter(JsonNode::isObject)
            .orElseThrow(() -> invalid(where + "has to be the JSON of an image"));
    ImageId id =
        ImageId.find(image.path("id").asString(""))
            .orElseThrow(() -> invalid(where + "has no valid id"));
    return new Link(
        new Image(id, json, digest, isThrowaway(image)),
        image.path("parent").asString(""),
        text.stringValue() + digest);
  }

  /**
   * Whether the JSON of an image says that it changes no file.
   *
   * @param image the JSON
   */
  public static boolean isThrowaway(JsonNode image) {
    JsonNode throwaway = image.path("throwaway");
    return throwaway.isBoolean() && throwaway.booleanValue();
  }

  private static void requireParent(List<Link> chain, Link link, int index) {
    String expected = chain.isEmpty() ? "" : chain.get(chain.size() - 1).image().id().value();
    if (!link.parent().equals(expected)) {
      throw invalid(
          "history[%d].v1Compatibility: the parent has to be %s"
              .formatted(index, expected.isEmpty() ? "left out" : expected));
    }
  }

  /** The image that the manifest is of. */
  public Image top() {
    return images.get(images.size() - 1);
  }

  /** The images, the top first and the base last. */
  public List<ImageId> ancestry() {
    List<ImageId> ancestry = new ArrayList<>(images.stream().map(Image::id).toList());
    Collections.reverse(ancestry);
    return ancestry;
  }

  private static RegistryException invalid(String text) {
    return new RegistryException(Problem.INVALID, Subject.MANIFEST, text);
  }

  /** The digests of the layers, the base first, each once. */
  public List<Digest> layers() {
    return images.stream().map(Image::layer).distinct().toList();
  }

  /** The layers that clients fetch, the base first, each once. */
  public List<Digest> neededLayers() {
    return images.stream()
        .filter(image -> !image.isThrowaway())
        .map(Image::layer)
        .distinct()
        .toList();
  }
}
