package io.registry.cache;

import io.registry.auth.Grant;
import java.time.Instant;

/**
 * What the index has allowed, for a while.
 *
 * @param until when it has to be asked again
 * @param grant what it has allowed
 */
record RememberedGrant(Instant until, Grant grant) {}
