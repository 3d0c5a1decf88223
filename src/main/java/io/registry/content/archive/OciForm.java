package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.MediaTypes;
import io.registry.platform.json.JsonCodec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Writes Docker's manifests as OCI manifests, because skopeo reads no others in a layout. The
 * configuration and the layers stay what they are, and with them the id of the image (OCI
 * image-spec, compatibility matrix).
 */
public final class OciForm {
  private static final Map<String, String> TYPES =
      Map.of(
          MediaTypes.DOCKER_MANIFEST, MediaTypes.OCI_MANIFEST,
          MediaTypes.DOCKER_LIST, MediaTypes.OCI_INDEX,
          MediaTypes.DOCKER_CONFIG, "application/vnd.oci.image.config.v1+json",
          MediaTypes.DOCKER_LAYER, "application/vnd.oci.image.layer.v1.tar",
          MediaTypes.DOCKER_LAYER_GZIP, "application/vnd.oci.image.layer.v1.tar+gzip");

  private OciForm() {}

  /** Whether manifests of a type have another form. */
  public static boolean isNeeded(String mediaType) {
    return mediaType.equals(MediaTypes.DOCKER_MANIFEST) || mediaType.equals(MediaTypes.DOCKER_LIST);
  }

  /** The type that manifests of a type get. */
  public static String typeOf(String mediaType) {
    return TYPES.getOrDefault(mediaType, mediaType);
  }

  /**
   * Rewrites a manifest.
   *
   * @param json the manifest, of a type that {@link #isNeeded}
   * @param written what the manifests that it names have become, by their digests
   * @return nothing when it has something for which there is no OCI type
   */
  public static Optional<byte[]> of(
      JsonCodec codec, JsonNode json, Map<String, Descriptor> written) {
    Map<String, Object> fields = new LinkedHashMap<>();
    json.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    fields.put("mediaType", typeOf(json.path("mediaType").asString("")));
    boolean isWhole = true;
    for (String list : List.of("layers", "manifests")) {
      if (json.has(list)) {
        List<Object> all = new ArrayList<>();
        for (JsonNode each : json.path(list)) {
          isWhole &= isKnown(each, written);
          all.add(descriptor(each, written));
        }
        fields.put(list, all);
      }
    }
    if (json.has("config")) {
      isWhole &= isKnown(json.path("config"), written);
      fields.put("config", descriptor(json.path("config"), written));
    }
    return isWhole ? Optional.of(codec.render(fields)) : Optional.empty();
  }

  private static boolean isKnown(JsonNode entry, Map<String, Descriptor> written) {
    String type = entry.path("mediaType").asString("");
    return TYPES.containsKey(type)
        || type.startsWith("application/vnd.oci.")
        || written.containsKey(entry.path("digest").asString(""));
  }

  private static Map<String, Object> descriptor(JsonNode entry, Map<String, Descriptor> written) {
    Map<String, Object> fields = new LinkedHashMap<>();
    entry.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    fields.put("mediaType", typeOf(entry.path("mediaType").asString("")));
    Descriptor other = written.get(entry.path("digest").asString(""));
    if (other != null) {
      fields.put("mediaType", other.mediaType());
      fields.put("digest", other.digest().toString());
      fields.put("size", other.size());
    }
    return fields;
  }
}
