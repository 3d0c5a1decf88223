package io.registry.index;

import java.util.Optional;

/**
 * The first part of names of repositories, as far as it was given to somebody or is trusted.
 *
 * @param name the namespace
 * @param owner whose it is; nothing when only admins may do something there
 * @param trusted whether each account may build upon the images there that it may read
 */
public record Namespace(String name, Optional<Owner> owner, boolean trusted) {}
