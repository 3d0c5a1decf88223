package io.registry.content.distribution;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of a tree of Distribution ({@code registry:2}) that is served where it lies.
 *
 * @param path the rootdirectory of Distribution, if it is another directory than that of the store;
 *     it is only read
 */
@ConfigurationProperties("registry.storage.distribution")
public record DistributionProperties(@DefaultValue("") String path) {}
