package io.registry.storage;

import java.time.Instant;

/**
 * A blob as a list names it.
 *
 * @param name the last component of its key
 * @param info its size and version, as {@link BlobStorage#stat} tells them
 * @param modified when it was written, by the clock of the store; to the second where the store
 *     tells no more
 */
public record BlobEntry(String name, BlobInfo info, Instant modified) {}
