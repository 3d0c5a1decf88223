package io.registry.storage;

import java.time.Instant;

/**
 * A blob in a listing.
 *
 * @param name the last component of its key
 * @param info its size and version, as in {@link BlobStorage#stat}
 * @param modified when it was written, by the clock of the store; some stores round to the second
 */
public record BlobEntry(String name, BlobInfo info, Instant modified) {}
