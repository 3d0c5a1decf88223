package io.registry.operations.check;

import io.registry.content.image.LayerPointers;
import io.registry.operations.command.OfflineRegistry;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageProperties;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Configures the parts of the registry that a check needs, which is only its store. */
@Configuration(proxyBeanMethods = false)
@Profile(OfflineRegistry.PROFILE)
@ComponentScan("io.registry.storage")
class CheckConfiguration {
  @Bean
  StoreCheckRunner storeCheckRunner(BlobStorage storage, StorageProperties properties) {
    return new StoreCheckRunner(
        new LayerPointers(storage), Clock.systemUTC(), properties.parallelReads());
  }
}
