package io.registry.image;

/**
 * Whoever pushes, as far as a protocol can tell one from another. Compared only, never trusted.
 *
 * @param identity equal for two requests that may come from the same client
 */
public record Pusher(String identity) {}
