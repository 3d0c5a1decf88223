package io.registry.content.liveness;

import io.registry.storage.BlobStorage;

/**
 * The store without {@link GuardedStorage}, for what looks through all of it: what such a walk
 * reads is told to no client.
 *
 * @param storage the store
 */
public record UnguardedStore(BlobStorage storage) {}
