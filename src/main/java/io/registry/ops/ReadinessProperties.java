package io.registry.ops;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings for those who start the registry and wait for it.
 *
 * @param file file into which the address is written at which the registry tells whether it is
 *     ready, once it listens; empty for none
 */
@ConfigurationProperties("registry.readiness")
record ReadinessProperties(@DefaultValue("") String file) {}
