package io.registry.content.manifest;

import io.registry.content.image.ImageId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Says that a repository contains a manifest.
 *
 * @param mediaType what it is
 * @param size of the manifest in bytes
 * @param subject the manifest that it refers to; empty for none
 * @param image the V1 image that the manifest is served as over V1; empty when V1 cannot express it
 * @param refusal why V1 clients cannot pull the tags of the manifest, as a sentence; empty when
 *     they can, or when it has had no tag
 * @param form how a manifest of schema 1 was signed; empty for others, and without signatures
 */
public record ManifestLink(
    String mediaType,
    long size,
    Optional<Digest> subject,
    Optional<ImageId> image,
    String refusal,
    Optional<SignedForm> form) {
  /** The same with a reason why V1 clients cannot pull it. */
  public ManifestLink refused(String reason) {
    return new ManifestLink(mediaType, size, subject, image, reason, form);
  }

  /** What the file of the link says, in JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("mediaType", mediaType);
    fields.put("size", size);
    subject.ifPresent(found -> fields.put("subject", found.toString()));
    image.ifPresent(found -> fields.put("image", found.value()));
    if (!refusal.isEmpty()) {
      fields.put("refusal", refusal);
    }
    form.ifPresent(
        found -> fields.put("signed", Map.of("length", found.length(), "rest", found.rest())));
    return fields;
  }
}
