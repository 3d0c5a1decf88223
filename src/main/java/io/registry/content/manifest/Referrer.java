package io.registry.content.manifest;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A manifest that refers to another one (OCI distribution-spec, listing referrers).
 *
 * @param descriptor names the manifest
 * @param artifactType what it is for; empty for none
 * @param annotations its annotations
 */
public record Referrer(
    Descriptor descriptor, String artifactType, Map<String, String> annotations) {
  /** Keeps a copy of the annotations. */
  public Referrer {
    annotations = Map.copyOf(annotations);
  }

  /** What the file of the referrer says, in JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("mediaType", descriptor.mediaType());
    fields.put("digest", descriptor.digest().toString());
    fields.put("size", descriptor.size());
    fields.put("artifactType", artifactType);
    fields.put("annotations", annotations);
    return fields;
  }
}
