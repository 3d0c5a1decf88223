package io.registry.index;

import java.time.Instant;

/**
 * A user.
 *
 * @param name the name, which nobody else has
 * @param email the address; empty when it is not known
 * @param active whether the user may sign in
 * @param admin whether the user may do everything
 * @param mustChangePassword whether the password is good only for choosing another
 * @param created when the account was made
 * @param version changes with the password, {@code active} and {@code admin}, and is not the same
 *     for another account of that name later
 */
public record Account(
    String name,
    String email,
    boolean active,
    boolean admin,
    boolean mustChangePassword,
    Instant created,
    long version) {}
