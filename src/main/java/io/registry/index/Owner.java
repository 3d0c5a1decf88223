package io.registry.index;

/**
 * Whose a namespace is.
 *
 * @param kind what the name is of
 * @param name the name of an account or team
 */
public record Owner(PartyKind kind, String name) {}
