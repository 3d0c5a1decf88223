package io.registry.access.index;

/**
 * A user or team that has a role in a namespace.
 *
 * @param kind whether the name is of an account or of a team
 * @param name the name of the account or team
 */
public record Member(PartyKind kind, String name) {}
