package io.registry.index;

/**
 * The first part of names of repositories, as far as it was given to somebody.
 *
 * @param name the namespace
 * @param owner whose it is
 */
public record Namespace(String name, Owner owner) {}
