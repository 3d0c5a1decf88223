package io.registry.upstream.mirror;

import io.registry.content.image.ImageId;
import io.registry.content.repository.TagName;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Parses the JSON of the source; throws when it does not have the expected form. */
final class SourceJson {
  private SourceJson() {}

  /** Parses the id of an image. */
  static ImageId id(JsonNode json) {
    return find(json)
        .orElseThrow(() -> new CallFailure(Kind.ANSWER, "it answers with what is no image"));
  }

  private static Optional<ImageId> find(JsonNode json) {
    return json.isString() ? ImageId.find(json.stringValue()) : Optional.empty();
  }

  /** Parses a list of ids. */
  static List<ImageId> ids(JsonNode array) {
    if (!array.isArray()) {
      throw new CallFailure(Kind.ANSWER, "it answers with what is no list");
    }
    List<ImageId> ids = new ArrayList<>();
    array.forEach(element -> ids.add(id(element)));
    return List.copyOf(ids);
  }

  /** Parses tags; the original lists other entries, too, in the same object (protocol 2.3). */
  static Map<String, ImageId> tags(JsonNode object) {
    if (!object.isObject()) {
      throw new CallFailure(Kind.ANSWER, "it answers with what is no object");
    }
    Map<String, ImageId> tags = new TreeMap<>();
    object
        .properties()
        .forEach(
            tag ->
                Stream.of(tag.getKey())
                    .filter(name -> TagName.find(name).isPresent())
                    .forEach(
                        name -> find(tag.getValue()).ifPresent(image -> tags.put(name, image))));
    return tags;
  }
}
