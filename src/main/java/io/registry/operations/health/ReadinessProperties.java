package io.registry.operations.health;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings for programs that start the registry and wait until it is ready.
 *
 * @param file file to which the registry writes the URL of its readiness endpoint once it listens;
 *     empty for none
 */
@ConfigurationProperties("registry.readiness")
record ReadinessProperties(@DefaultValue("") String file) {}
