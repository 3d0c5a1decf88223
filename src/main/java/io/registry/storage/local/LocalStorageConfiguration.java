package io.registry.storage.local;

import io.registry.storage.BlobStorage;
import io.registry.storage.StorageProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;

/** Configures the local store, unless a profile names another driver. */
@Configuration(proxyBeanMethods = false)
@Profile("!s3 & !gcs")
@EnableConfigurationProperties({LocalStorageProperties.class, StorageProperties.class})
class LocalStorageConfiguration {
  private static final Logger log = LoggerFactory.getLogger(LocalStorageConfiguration.class);

  @Bean
  LocalSpace localSpace(LocalStorageProperties local) {
    return new LocalSpace(local.path());
  }

  @Bean(destroyMethod = "close")
  BlobStorage blobStorage(
      LocalStorageProperties local, StorageProperties storage, Environment environment) {
    if (storage.redirect()) {
      log.warn("registry.storage.redirect has no effect with a local store");
    }
    // A read-only process must not delete anything.
    boolean sweeps =
        !environment.acceptsProfiles(Profiles.of("check"))
            && !environment.getProperty("registry.read-only", Boolean.class, false);
    return new LocalBlobStorage(local.path(), local.accelRedirect(), sweeps, local.followLinks());
  }
}
