package io.registry.operations.collect;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.access.index.ImageClaims;
import io.registry.content.image.ImageChanges;
import io.registry.content.lease.NumberedBlobs;
import io.registry.content.lease.StoreLease;
import io.registry.content.liveness.CollectionRuns;
import io.registry.content.liveness.LivenessRoot;
import io.registry.content.liveness.RemovalGuard;
import io.registry.content.liveness.UnguardedStore;
import io.registry.content.repository.Repositories;
import io.registry.content.walk.OrderedWork;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** Configures the garbage collection. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CollectProperties.class)
class CollectConfiguration {
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final int THREADS = 4;
  private static final int STARTED = 16;

  @Bean(defaultCandidate = false)
  ThreadPoolTaskExecutor collectReads() {
    ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
    executor.setThreadNamePrefix("collect-");
    executor.setDaemon(true);
    executor.setCorePoolSize(THREADS);
    executor.setMaxPoolSize(THREADS);
    executor.setAllowCoreThreadTimeOut(true);
    return executor;
  }

  @Bean
  Collector collector(
      UnguardedStore store,
      JsonCodec codec,
      Repositories repositories,
      ObjectProvider<LivenessRoot> roots,
      @Qualifier("collectReads") ThreadPoolTaskExecutor reads,
      CollectProperties settings,
      Clock clock,
      ObjectProvider<MonotonicClock> monotonic,
      ImageChanges changes,
      ObjectProvider<ImageClaims> claims,
      Environment environment) {
    BlobStorage storage = store.storage();
    MonotonicClock time = monotonic.getIfAvailable(() -> MonotonicClock.SYSTEM);
    return new Collector(
        new Mark.Setup(
            storage,
            codec,
            roots.orderedStream().toList(),
            repositories::contentFolder,
            new OrderedWork(reads, STARTED),
            () -> {}),
        new CollectionRuns(storage),
        new StoreLease(new NumberedBlobs(storage, BlobKey.of("_gc"), "lease-"), time, LEASE),
        settings,
        clock,
        time,
        changes,
        image -> claims.ifAvailable(found -> found.release(image, false)),
        refusal(storage, settings, environment));
  }

  private static Optional<String> refusal(
      BlobStorage storage, CollectProperties settings, Environment environment) {
    if (!settings.enabled()) {
      return Optional.of(
          "registry.gc.enabled is false: set it for all registries of the store, after the Python"
              + " registry and those of earlier versions have stopped");
    }
    if (storage.isReadOnly()) {
      return Optional.of("The store is read-only");
    }
    if (!environment.getProperty("registry.mirror.source", "").isBlank()) {
      return Optional.of("A mirror keeps what it has fetched: registry.mirror.source is set");
    }
    if (hasTreeOfAnother(storage, environment)) {
      return Optional.of(
          "The store has a tree of Distribution: what its manifests need is not known to the"
              + " collection. Import it first (docs/moving.md)");
    }
    return storage.writesOnce()
        ? Optional.empty()
        : Optional.of("The store does not support If-None-Match, which the collection needs");
  }

  private static boolean hasTreeOfAnother(BlobStorage storage, Environment environment) {
    if (!environment.getProperty("registry.storage.distribution.path", "").isBlank()) {
      return true;
    }
    try (Stream<String> names = storage.folders(BlobKey.of("docker", "registry"))) {
      return names.anyMatch("v2"::equals);
    }
  }

  @Bean
  @Profile("!check")
  @ConditionalOnBooleanProperty(prefix = "registry.gc", name = "enabled")
  CollectTask collectTask(
      Collector collector,
      RemovalGuard guard,
      CollectProperties settings,
      @Qualifier("collectScheduler") ThreadPoolTaskScheduler scheduler,
      Clock clock,
      MeterRegistry meters) {
    CollectMeters.register(meters, collector, guard);
    return new CollectTask(collector, guard, settings, scheduler, clock);
  }

  @Bean(defaultCandidate = false)
  ThreadPoolTaskScheduler collectScheduler() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setThreadNamePrefix("collect-");
    scheduler.setDaemon(true);
    scheduler.setPoolSize(2);
    return scheduler;
  }
}
