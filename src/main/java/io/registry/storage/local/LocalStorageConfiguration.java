package io.registry.storage.local;

import io.registry.storage.BlobStorage;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Keeps the blobs in a local directory. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LocalStorageProperties.class)
class LocalStorageConfiguration {

  @Bean(destroyMethod = "close")
  BlobStorage blobStorage(LocalStorageProperties local) {
    return new LocalBlobStorage(local.path());
  }
}
