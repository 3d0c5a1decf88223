package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.MediaTypes;
import io.registry.platform.json.JsonCodec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The list of the images in an OCI layout (OCI image-spec, {@code index.json}). */
public final class LayoutIndex {
  private static final String DOCKER_HUB = "docker.io/";

  private final JsonCodec codec;
  private final Map<String, Object> entries = new LinkedHashMap<>();

  /** An empty list. */
  public LayoutIndex(JsonCodec codec) {
    this.codec = codec;
  }

  /**
   * Reads a list, to add to it.
   *
   * @param bytes the list; empty for none
   * @throws IOException when it is no such list
   */
  public static LayoutIndex parse(JsonCodec codec, byte[] bytes) throws IOException {
    LayoutIndex index = new LayoutIndex(codec);
    if (bytes.length == 0) {
      return index;
    }
    JsonNode manifests =
        codec
            .parseUntrusted(bytes)
            .map(json -> json.path("manifests"))
            .filter(JsonNode::isArray)
            .orElseThrow(() -> new IOException("index.json of the layout is damaged"));
    for (JsonNode entry : manifests) {
      String name = entry.path("annotations").path(Layouts.REF_NAME).asString("");
      String key = name.isEmpty() ? entry.path("digest").asString("") : name;
      index.entries.put(key, entry);
    }
    return index;
  }

  /**
   * Adds a manifest, or replaces the one with that name.
   *
   * @param name {@code REPOSITORY:TAG}; empty for a manifest that is found by its digest only
   */
  public void put(Descriptor manifest, Optional<String> name) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("mediaType", manifest.mediaType());
    entry.put("digest", manifest.digest().toString());
    entry.put("size", manifest.size());
    name.ifPresent(
        text ->
            entry.put(
                "annotations", Map.of(Layouts.REF_NAME, text, Layouts.IMAGE_NAME, full(text))));
    entries.put(name.orElse(manifest.digest().toString()), entry);
  }

  // Docker and containerd take a name without a host for one of Docker Hub.
  private static String full(String name) {
    return DOCKER_HUB + (name.indexOf('/') < 0 ? "library/" : "") + name;
  }

  /** The list as JSON. */
  public byte[] render() {
    return codec.render(
        Map.of(
            "schemaVersion",
            2,
            "mediaType",
            MediaTypes.OCI_INDEX,
            "manifests",
            List.copyOf(entries.values())));
  }
}
