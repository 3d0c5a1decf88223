package io.registry.storage.gcs;

import com.google.api.services.storage.model.StorageObject;
import java.util.Map;

/**
 * What the service is told of an object before its bytes.
 *
 * @param name its name
 * @param md5 the MD5 of its bytes in base64, which the service compares; empty when it is not known
 * @param marker a text by which this writer knows its own object; empty when there is no need
 */
record NewObject(String name, String md5, String marker) {
  private static final String MARKER = "registry-writer";

  StorageObject metadata() {
    StorageObject object = new StorageObject().setName(name).setContentType(PartContent.TYPE);
    if (!md5.isEmpty()) {
      object.setMd5Hash(md5);
    }
    if (!marker.isEmpty()) {
      object.setMetadata(Map.of(MARKER, marker));
    }
    return object;
  }

  /** Whether there must not be an object of that name yet: only then there is need of a marker. */
  boolean mustBeAbsent() {
    return !marker.isEmpty();
  }

  /** Whether an object that was found is the one that this writer has made. */
  boolean isMarkOf(StorageObject found) {
    Map<String, String> metadata = found.getMetadata();
    return metadata != null && marker.equals(metadata.get(MARKER));
  }
}
