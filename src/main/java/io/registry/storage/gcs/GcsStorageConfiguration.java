package io.registry.storage.gcs;

import io.registry.platform.trace.Traces;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Configures the GCS driver, if its profile is active. */
@Configuration(proxyBeanMethods = false)
@Profile("gcs")
@EnableConfigurationProperties({GcsStorageProperties.class, StorageProperties.class})
class GcsStorageConfiguration {

  @Bean(destroyMethod = "close")
  BlobStorage blobStorage(
      GcsStorageProperties gcs, StorageProperties storage, ObjectProvider<Traces> traces) {
    return GcsBlobStorage.connect(gcs, storage, traces.getIfAvailable(() -> Traces.NONE));
  }
}
