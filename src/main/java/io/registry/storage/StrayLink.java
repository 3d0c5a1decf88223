package io.registry.storage;

/**
 * A symbolic link in a store that the driver does not serve.
 *
 * @param key the link itself
 * @param dangling whether it leads to nothing; otherwise it leads out of the store
 */
public record StrayLink(BlobKey key, boolean dangling) {}
