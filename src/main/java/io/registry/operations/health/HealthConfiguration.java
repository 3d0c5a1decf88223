package io.registry.operations.health;

import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.access.auth.RemoteIndexVerifier;
import io.registry.features.cache.RedisCircuit;
import io.registry.features.events.ConditionalOnWebhooks;
import io.registry.features.events.WebhookBacklog;
import io.registry.features.search.SearchIndexer;
import io.registry.storage.BlobStorage;
import io.registry.upstream.mirror.ConditionalOnMirror;
import io.registry.upstream.mirror.V1Source;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.task.AsyncTaskExecutor;

/** Configures what tells operators how the registry is: health, readiness and information. */
@Configuration(proxyBeanMethods = false)
class HealthConfiguration {

  @Bean
  ServiceCheck storageCheck(BlobStorage storage) {
    return new StorageCheck(storage);
  }

  @Bean
  StorageHealth storageHealthIndicator(BlobStorage storage, Clock clock) {
    return new StorageHealth(storage, clock);
  }

  @Bean
  @Profile("redis")
  ServiceCheck redisCheck(RedisCircuit circuit) {
    return new RedisCheck(circuit);
  }

  @Bean
  @Profile("redis")
  RedisHealth redisHealthIndicator(RedisCircuit circuit) {
    return new RedisHealth(circuit);
  }

  @Bean
  @ConditionalOnProperty(prefix = "registry.search", name = "enabled")
  SearchHealth searchHealthIndicator(SearchIndexer indexer) {
    return new SearchHealth(indexer);
  }

  @Bean
  @ConditionalOnWebhooks
  WebhookHealth webhooksHealthIndicator(WebhookBacklog backlog) {
    return new WebhookHealth(backlog);
  }

  @Bean
  @ConditionalOnMirror
  MirrorHealth mirrorHealthIndicator(V1Source source, Clock clock) {
    return new MirrorHealth(source, clock);
  }

  @Bean
  @ConditionalOnIndexMode(IndexMode.REMOTE)
  IndexHealth indexHealthIndicator(
      @Qualifier("remoteIndexVerifier") RemoteIndexVerifier index, Clock clock) {
    return new IndexHealth(index, clock);
  }

  @Bean
  ReadinessMeter readinessMeter(ObjectProvider<HealthEndpoint> health, Clock clock) {
    return new ReadinessMeter(health, clock);
  }

  @Bean
  RegistryInfo registryInfo(
      BlobStorage storage,
      IndexProperties index,
      ObjectProvider<BuildProperties> build,
      ObjectProvider<GitProperties> git) {
    return new RegistryInfo(
        build.stream().findFirst().map(BuildProperties::getVersion).orElse(RegistryInfo.UNKNOWN),
        git.stream().findFirst().map(GitProperties::getShortCommitId).orElse(RegistryInfo.UNKNOWN),
        storage.describe().replaceFirst(" .*", ""),
        index.mode().name().toLowerCase(Locale.ROOT));
  }

  @Bean
  ServiceStatus serviceStatus(List<ServiceCheck> checks, AsyncTaskExecutor executor) {
    return new ServiceStatus(checks, executor);
  }
}
