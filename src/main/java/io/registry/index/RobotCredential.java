package io.registry.index;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a secret of a robot, without the secret.
 *
 * @param id what it is called when it is to be revoked
 * @param created when it was issued
 * @param expires from when on it is refused; nothing for never
 * @param revoked whether it is refused already
 */
public record RobotCredential(
    String id, Instant created, Optional<Instant> expires, boolean revoked) {}
