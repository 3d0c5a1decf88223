package io.registry.content.manifest;

/**
 * Names content by its digest (OCI image-spec, descriptor).
 *
 * @param mediaType what the content is
 * @param digest of the content
 * @param size of the content in bytes
 */
public record Descriptor(String mediaType, Digest digest, long size) {}
