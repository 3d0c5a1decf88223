package io.registry.check;

import io.registry.storage.BlobStorage;
import io.registry.storage.StorageProperties;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** What a check needs of the registry: its store, and nothing else. */
@Configuration(proxyBeanMethods = false)
@Profile(CheckConfiguration.PROFILE)
@ComponentScan("io.registry.storage")
class CheckConfiguration {
  /** Active in a check. The drivers leave the store as it is then. */
  static final String PROFILE = "check";

  @Bean
  StoreCheckRunner storeCheckRunner(BlobStorage storage, StorageProperties properties) {
    return new StoreCheckRunner(storage, Clock.systemUTC(), properties.parallelReads());
  }
}
