package io.registry.storage.local;

import io.registry.storage.BlobStorage;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Keeps the blobs in a local directory, unless a profile names another store. */
@Configuration(proxyBeanMethods = false)
@Profile("!s3 & !gcs")
@EnableConfigurationProperties(LocalStorageProperties.class)
class LocalStorageConfiguration {

  @Bean(destroyMethod = "close")
  BlobStorage blobStorage(LocalStorageProperties local) {
    return new LocalBlobStorage(local.path(), local.accelRedirect());
  }
}
