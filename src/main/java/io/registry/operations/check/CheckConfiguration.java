package io.registry.operations.check;

import io.registry.content.image.LayerPointers;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageProperties;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Configures the parts of the registry that a check needs, which is only its store. */
@Configuration(proxyBeanMethods = false)
@Profile(CheckConfiguration.PROFILE)
@ComponentScan("io.registry.storage")
class CheckConfiguration {
  /** The profile that is active during a check. With it the drivers do not write to the store. */
  static final String PROFILE = "check";

  @Bean
  StoreCheckRunner storeCheckRunner(BlobStorage storage, StorageProperties properties) {
    return new StoreCheckRunner(
        new LayerPointers(storage), Clock.systemUTC(), properties.parallelReads());
  }
}
