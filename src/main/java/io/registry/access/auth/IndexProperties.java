package io.registry.access.auth;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Selects the index.
 *
 * @param mode what decides about access
 */
@ConfigurationProperties("registry.index")
public record IndexProperties(@DefaultValue("standalone") IndexMode mode) {}
