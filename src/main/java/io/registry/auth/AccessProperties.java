package io.registry.auth;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is let through without a word from the index.
 *
 * @param anonymousRead whether who shows no credentials may read repositories that are public
 * @param disableTokenAuth with an index elsewhere: whether tokens are not looked at, so that
 *     whoever reaches the registry may do everything, as the original's setting of that name
 */
@ConfigurationProperties("registry.auth")
public record AccessProperties(
    @DefaultValue("false") boolean anonymousRead,
    @DefaultValue("false") boolean disableTokenAuth) {}
