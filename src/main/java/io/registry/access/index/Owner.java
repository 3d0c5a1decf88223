package io.registry.access.index;

/**
 * The owner of a namespace.
 *
 * @param kind whether the name is of an account or of a team
 * @param name the name of the account or team
 */
public record Owner(PartyKind kind, String name) {}
