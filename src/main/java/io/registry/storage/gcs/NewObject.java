package io.registry.storage.gcs;

import com.google.api.services.storage.model.StorageObject;
import java.util.Map;

/**
 * The metadata of an object that is to be written.
 *
 * @param name its name
 * @param md5 the MD5 of its bytes in base64, which the service verifies; empty when it is not known
 * @param marker a text by which the writer recognizes its own object; empty when that is not needed
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

  /** Whether the object must not exist; only then a marker is needed. */
  boolean mustBeAbsent() {
    return !marker.isEmpty();
  }

  /** Whether an existing object was written by this writer. */
  boolean isMarkOf(StorageObject found) {
    Map<String, String> metadata = found.getMetadata();
    return metadata != null && marker.equals(metadata.get(MARKER));
  }
}
