package io.registry.auth;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which index decides.
 *
 * @param mode who decides what somebody may do
 */
@ConfigurationProperties("registry.index")
public record IndexProperties(@DefaultValue("standalone") IndexMode mode) {}
