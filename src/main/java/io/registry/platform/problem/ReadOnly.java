package io.registry.platform.problem;

/**
 * A bean that exists while images and repositories of this registry must not be changed.
 *
 * @param reason the reason, as text for the client
 */
public record ReadOnly(String reason) {}
