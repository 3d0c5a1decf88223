package io.registry.access.index;

import java.util.Optional;

/**
 * A partial update of an account; absent fields stay unchanged.
 *
 * @param email the e-mail address; empty when it is not known
 * @param active whether the user may sign in
 * @param admin whether the user may do everything
 */
public record AccountChange(
    Optional<String> email, Optional<Boolean> active, Optional<Boolean> admin) {}
