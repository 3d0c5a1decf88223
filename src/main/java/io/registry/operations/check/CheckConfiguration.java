package io.registry.operations.check;

import io.registry.content.distribution.DistributionProperties;
import io.registry.content.distribution.ServedTree;
import io.registry.content.image.LayerPointers;
import io.registry.operations.command.OfflineRegistry;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import io.registry.storage.DirectoryStorages;
import io.registry.storage.StorageProperties;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Configures the parts of the registry that a check needs, which is only its store. */
@Configuration(proxyBeanMethods = false)
@Profile(OfflineRegistry.PROFILE)
@ComponentScan("io.registry.storage")
@EnableConfigurationProperties(DistributionProperties.class)
class CheckConfiguration {
  @Bean
  StoreCheckRunner storeCheckRunner(
      BlobStorage storage,
      StorageProperties properties,
      DistributionProperties distribution,
      DirectoryStorages directories) {
    ServedTree tree = new ServedTree(distribution, directories, new JsonCodec());
    BlobStorage both = new LayerPointers(tree.over(storage));
    return new StoreCheckRunner(
        both, tree.inspection(), Clock.systemUTC(), properties.parallelReads());
  }
}
