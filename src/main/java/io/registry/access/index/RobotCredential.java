package io.registry.access.index;

import java.time.Instant;
import java.util.Optional;

/**
 * The metadata of a robot's secret.
 *
 * @param id names the credential when it is revoked
 * @param created when it was issued
 * @param expires when it expires; empty for never
 * @param revoked whether it was revoked
 */
public record RobotCredential(
    String id, Instant created, Optional<Instant> expires, boolean revoked) {}
