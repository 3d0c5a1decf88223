package io.registry.manifest;

import io.registry.image.ImageId;
import java.util.Optional;

/**
 * Says that a repository contains a manifest.
 *
 * @param mediaType what it is
 * @param size of the manifest in bytes
 * @param subject the manifest that it refers to; empty for none
 * @param image the V1 image that the manifest is served as over V1; empty when V1 cannot express it
 */
public record ManifestLink(
    String mediaType, long size, Optional<Digest> subject, Optional<ImageId> image) {}
