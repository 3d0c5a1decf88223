package io.registry.storage;

/**
 * A blob as a list names it.
 *
 * @param name the last component of its key
 * @param info its size and version, as {@link BlobStorage#stat} tells them
 */
public record BlobEntry(String name, BlobInfo info) {}
