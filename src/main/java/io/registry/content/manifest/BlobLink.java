package io.registry.content.manifest;

import io.registry.content.image.ImageId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Says that a repository contains a blob.
 *
 * @param size of the blob in bytes
 * @param layerOf the V1 image whose layer has the bytes; empty when they are in the {@link
 *     BlobStore}
 */
public record BlobLink(long size, Optional<ImageId> layerOf) {
  /** What the file of the link says, in JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("size", size);
    layerOf.ifPresent(image -> fields.put("layerOf", image.value()));
    return fields;
  }
}
