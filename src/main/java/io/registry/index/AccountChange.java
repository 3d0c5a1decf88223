package io.registry.index;

import java.util.Optional;

/**
 * What is to become different of an account; what is absent stays.
 *
 * @param email the address; empty when it is not known
 * @param active whether the user may sign in
 * @param admin whether the user may do everything
 */
public record AccountChange(
    Optional<String> email, Optional<Boolean> active, Optional<Boolean> admin) {}
