package io.registry.cache;

import io.registry.auth.Grant;
import java.time.Instant;

/**
 * A cached grant of the index.
 *
 * @param until when it expires
 * @param grant the grant
 */
record RememberedGrant(Instant until, Grant grant) {}
