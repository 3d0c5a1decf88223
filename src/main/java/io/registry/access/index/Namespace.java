package io.registry.access.index;

import java.util.Optional;

/**
 * The first part of the names of repositories, as far as the namespace has an owner or is trusted.
 *
 * @param name the namespace
 * @param owner the owner; empty when only admins have access
 * @param trusted whether each account that may read images there may also use them as parents
 */
public record Namespace(String name, Optional<Owner> owner, boolean trusted) {}
