package io.registry.features.cache;

import io.registry.access.auth.Grant;
import java.time.Instant;

/**
 * A cached grant of the index.
 *
 * @param until when it expires
 * @param grant the grant
 */
record RememberedGrant(Instant until, Grant grant) {}
