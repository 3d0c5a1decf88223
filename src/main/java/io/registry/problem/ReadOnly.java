package io.registry.problem;

/**
 * Says that nobody may change the images and repositories of this registry. There is one where that
 * is so, and else none.
 *
 * @param reason why, in words for the client
 */
public record ReadOnly(String reason) {}
