package io.registry.storage.local;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the local store.
 *
 * @param path directory that holds the store; the old registry's storage_path can be given as it is
 */
@ConfigurationProperties("registry.storage.local")
public record LocalStorageProperties(@DefaultValue("./data") Path path) {}
