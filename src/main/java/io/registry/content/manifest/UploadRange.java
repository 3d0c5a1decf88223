package io.registry.content.manifest;

/**
 * The bytes that a client says it sends with a part of an upload.
 *
 * @param first the offset of the first byte
 * @param last the offset of the last byte
 */
public record UploadRange(long first, long last) {}
