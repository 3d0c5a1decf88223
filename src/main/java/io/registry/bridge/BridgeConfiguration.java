package io.registry.bridge;

import io.registry.content.files.ContentsProperties;
import io.registry.content.files.LayerScanner;
import io.registry.content.image.ImageReader;
import io.registry.content.image.ImageUploads;
import io.registry.content.manifest.Origins;
import io.registry.content.repository.TaggedImages;
import io.registry.content.repository.Tags;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Clock;
import java.util.concurrent.Executor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** Serves V1 images by digest, unless that is switched off. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(prefix = "registry.v2", name = "enabled", matchIfMissing = true)
@EnableConfigurationProperties({BridgeProperties.class, ContentsProperties.class})
class BridgeConfiguration {

  /** Reads layers. Its threads end when there is nothing to read. */
  @Bean(defaultCandidate = false)
  ThreadPoolTaskExecutor layerScans(BridgeProperties settings) {
    ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
    int workers = workers(settings);
    executor.setThreadNamePrefix("layer-scan-");
    executor.setCorePoolSize(workers);
    executor.setMaxPoolSize(workers);
    executor.setAllowCoreThreadTimeOut(true);
    executor.setKeepAliveSeconds(30);
    executor.setDaemon(true);
    return executor;
  }

  @Bean
  LayerScanner layerScanner(Clock clock, ContentsProperties settings) {
    return new LayerScanner(clock, settings.limits());
  }

  /** Watches layers that come in; more than it has threads for are read after the push. */
  @Bean(defaultCandidate = false)
  ThreadPoolTaskExecutor layerWatches(BridgeProperties settings) {
    ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
    executor.setThreadNamePrefix("layer-watch-");
    executor.setCorePoolSize(0);
    executor.setMaxPoolSize(workers(settings));
    executor.setQueueCapacity(0);
    executor.setKeepAliveSeconds(30);
    executor.setDaemon(true);
    return executor;
  }

  private static int workers(BridgeProperties settings) {
    return settings.workers() > 0 ? settings.workers() : Runtime.getRuntime().availableProcessors();
  }

  @Bean
  @ConditionalOnPreparedPushes
  UploadedLayerDigests incomingLayers(
      LayerScanner scanner, @Qualifier("layerWatches") Executor executor) {
    return new UploadedLayerDigests(scanner, executor);
  }

  @Bean
  @ConditionalOnPreparedPushes
  AfterPush afterPush(
      LayerDigests layers,
      ImageBridge bridge,
      Origins origins,
      @Qualifier("layerScans") Executor executor) {
    return new AfterPush(layers, bridge, origins, executor);
  }

  @Bean
  LayerDigests layerDigests(
      ImageReader images,
      DerivedStore derived,
      LayerScanner scanner,
      ObjectProvider<UploadedLayerDigests> incoming,
      JsonCodec codec,
      @Qualifier("layerScans") Executor executor) {
    return new LayerDigests(
        images,
        derived,
        scanner,
        incoming.stream().<ArrivedLayers>map(found -> found).findFirst().orElse(ArrivedLayers.NONE),
        codec,
        executor,
        LayerDigests.REMEMBERED);
  }

  @Bean
  V1Views v1Views(
      BlobStorage storage,
      ImageUploads uploads,
      LayerDigests layers,
      DerivedStore derived,
      LayerScanner scanner,
      JsonCodec codec,
      @Qualifier("layerScans") Executor scans,
      @Qualifier("storageReads") Executor reads) {
    return new V1Views(storage, uploads.verified(), layers, derived, scanner, codec, scans, reads);
  }

  @Bean
  ImageBridge imageBridge(
      ImageReader images,
      LayerDigests layers,
      DerivedStore derived,
      JsonCodec codec,
      @Qualifier("storageReads") Executor executor,
      Clock clock) {
    return new ImageBridge(images, layers, derived, codec, executor, clock, ImageBridge.REMEMBERED);
  }

  @Bean
  SchemaOneBridge schemaOneBridge(
      DerivedStore derived,
      LayerScanner scanner,
      JsonCodec codec,
      BridgeProperties settings,
      @Qualifier("layerScans") Executor scans,
      @Qualifier("storageReads") Executor executor) {
    return new SchemaOneBridge(derived, scanner, codec, scans, executor, settings.patience());
  }

  @Bean
  BridgedRepository bridgedRepository(
      Tags tags,
      ImageReader images,
      ImageBridge bridge,
      LayerDigests layers,
      DerivedStore derived,
      LayerScanner scanner,
      BridgeProperties settings,
      @Qualifier("storageReads") Executor executor) {
    TaggedImages tagged = new TaggedImages(tags, images, executor);
    return new BridgedRepository(
        tagged, images, bridge, layers, derived, scanner::unpack, settings.patience());
  }

  /** Where clients push, and it is wanted. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  @ConditionalOnProperty(
      prefix = "registry.v2",
      name = "prepare-pushes",
      havingValue = "true",
      matchIfMissing = true)
  private @interface ConditionalOnPreparedPushes {}
}
