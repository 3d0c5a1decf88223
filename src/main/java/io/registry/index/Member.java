package io.registry.index;

/**
 * Somebody who was given a role in a namespace.
 *
 * @param kind what the name is of
 * @param name the name of an account or team
 */
public record Member(PartyKind kind, String name) {}
