package io.registry.access.index;

import java.time.Instant;

/**
 * The account of a user.
 *
 * @param name the unique name
 * @param email the e-mail address; empty when it is not known
 * @param active whether the user may sign in
 * @param admin whether the user may do everything
 * @param mustChangePassword whether the password is good only for choosing another one
 * @param created when the account was created
 * @param version changes with the password, {@code active} and {@code admin}; a later account of
 *     the same name has another version
 */
public record Account(
    String name,
    String email,
    boolean active,
    boolean admin,
    boolean mustChangePassword,
    Instant created,
    long version) {}
