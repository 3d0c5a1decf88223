package io.registry.content.files;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.content.image.ContentFiles;
import io.registry.content.image.ImageReader;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** Configures the listings and comparisons of layers, unless they are disabled. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("registry.contents.enabled")
@EnableConfigurationProperties(ContentsProperties.class)
class ContentsConfiguration {
  /** Up to how many layers wait to be listed; beyond that, the client must try again later. */
  private static final int WAITING = 100;

  @Bean
  ContentsMeters contentsMeters(MeterRegistry registry) {
    return new ContentsMeters(registry);
  }

  @Bean
  StoredDocuments storedDocuments(BlobStorage storage, JsonCodec codec) {
    return new StoredDocuments(new ContentFiles(storage), codec);
  }

  @Bean
  Listings listings(
      @Qualifier("localImages") ImageReader images,
      StoredDocuments documents,
      JsonCodec codec,
      Clock clock,
      ContentsProperties settings,
      ContentsMeters meters) {
    return new Listings(images, documents, new LayerFiles(codec, clock, settings.limits()), meters);
  }

  @Bean(defaultCandidate = false)
  ThreadPoolTaskExecutor layerListings(ContentsProperties settings) {
    ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
    executor.setThreadNamePrefix("layer-list-");
    executor.setCorePoolSize(settings.listings());
    executor.setMaxPoolSize(settings.listings());
    executor.setQueueCapacity(WAITING);
    executor.setAllowCoreThreadTimeOut(true);
    executor.setKeepAliveSeconds(30);
    executor.setDaemon(true);
    // A shutdown interrupts a listing instead of waiting for it.
    executor.setAcceptTasksAfterContextClose(true);
    return executor;
  }

  @Bean
  DiffQueue diffQueue(ContentsProperties settings) {
    return new MemoryDiffQueue(settings.queue(), System::nanoTime);
  }

  @Bean
  LayerContents layerContents(
      @Qualifier("localImages") ImageReader images,
      Listings listings,
      StoredDocuments documents,
      DiffQueue queue,
      @Qualifier("layerListings") ThreadPoolTaskExecutor executor,
      ContentsProperties settings) {
    return new LayerContents(images, listings, documents, queue, executor, settings.patience());
  }

  @Bean
  @ConditionalOnBooleanProperty(
      name = "registry.read-only",
      havingValue = false,
      matchIfMissing = true)
  DiffWorker diffWorker(
      DiffQueue queue,
      @Qualifier("localImages") ImageReader images,
      StoredDocuments documents,
      Listings listings,
      JsonCodec codec,
      ContentsMeters meters,
      ContentsProperties settings) {
    meters.watch(queue);
    return new DiffWorker(
        queue,
        images,
        documents,
        new LayerDiffs(images, listings, documents, codec),
        meters,
        settings.workers());
  }

  @Bean
  @ConditionalOnBooleanProperty("registry.contents.diff-after-push")
  DiffAfterPush diffAfterPush(DiffQueue queue) {
    return new DiffAfterPush(queue);
  }
}
