package io.registry.content.files;

import io.registry.content.manifest.Digest;

/**
 * What one pass over a stored layer finds out.
 *
 * @param size how many bytes are stored
 * @param digest of the stored bytes
 * @param compression how the layer is packed
 * @param isFollowed whether bytes follow the packed data, at which some clients fail
 * @param plainSize how many bytes the layer has when it is unpacked
 * @param diffId the digest of the unpacked bytes
 * @param isZero whether the unpacked bytes are all zero, or none: the layer changes nothing
 */
public record ScannedLayer(
    long size,
    Digest digest,
    Compression compression,
    boolean isFollowed,
    long plainSize,
    Digest diffId,
    boolean isZero) {}
