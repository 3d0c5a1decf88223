package io.registry;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.access.auth.MarkedVisibility;
import io.registry.access.auth.RecordingTokenVerifier;
import io.registry.access.auth.RemoteIndexVerifier;
import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.auth.TokenVerifier;
import io.registry.bridge.BridgeProperties;
import io.registry.bridge.DerivedStore;
import io.registry.bridge.UploadedLayerDigests;
import io.registry.content.distribution.DistributionProperties;
import io.registry.content.distribution.ServedTree;
import io.registry.content.image.ImageChanges;
import io.registry.content.image.ImageEvents;
import io.registry.content.image.ImageReader;
import io.registry.content.image.ImageRemoval;
import io.registry.content.image.ImageUploads;
import io.registry.content.image.PushRule;
import io.registry.content.image.StoredImages;
import io.registry.content.image.UploadProperties;
import io.registry.content.liveness.RemovalGuard;
import io.registry.content.liveness.UnguardedStore;
import io.registry.content.manifest.BlobUploads;
import io.registry.content.repository.ImageLists;
import io.registry.content.repository.ImmutableTags;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryChanges;
import io.registry.content.repository.RepositoryEvents;
import io.registry.content.repository.TagProperties;
import io.registry.content.repository.TagRule;
import io.registry.content.repository.TaggedImages;
import io.registry.content.repository.Tags;
import io.registry.content.repository.Trash;
import io.registry.content.repository.TrashProperties;
import io.registry.features.cache.CachedImageLists;
import io.registry.features.cache.CachedImages;
import io.registry.features.cache.CachedTags;
import io.registry.features.cache.CachedVisibility;
import io.registry.features.cache.GrantCache;
import io.registry.features.cache.ImageCache;
import io.registry.features.cache.RememberedGrants;
import io.registry.features.cache.RepositoryCache;
import io.registry.platform.client.Connections;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.ReadOnly;
import io.registry.platform.trace.Traces;
import io.registry.storage.BlobStorage;
import io.registry.storage.DirectoryStorages;
import io.registry.storage.ReadOnlyStorage;
import io.registry.storage.StorageProperties;
import io.registry.upstream.mirror.Mirror;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Assembles the application: wires the beans of all packages together. Only this class decides
 * which implementation decorates which.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  DistributionProperties.class,
  IndexProperties.class,
  StorageProperties.class,
  TagProperties.class,
  TrashProperties.class,
  UploadProperties.class
})
class AssemblyConfiguration {
  private static final Duration TRASH_SWEEPS = Duration.ofDays(1);

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  /**
   * Runs before any other bean receives the store, so that nothing can write to a read-only store.
   */
  @Bean
  @ConditionalOnBooleanProperty("registry.read-only")
  static BeanPostProcessor readOnlyStorage() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof BlobStorage storage ? new ReadOnlyStorage(storage) : bean;
      }
    };
  }

  @Bean
  @ConditionalOnBooleanProperty("registry.read-only")
  ReadOnly registryIsReadOnly() {
    return new ReadOnly("This registry is read-only");
  }

  @Bean
  JsonCodec jsonCodec() {
    return new JsonCodec();
  }

  @Bean
  Connections connections(SslBundles bundles, ObjectProvider<Traces> traces) {
    return new Connections(bundles, traces.getIfAvailable(() -> Traces.NONE));
  }

  /**
   * Measures the requests to the store, whichever driver is configured and whichever bean sends
   * them.
   */
  @Bean
  static BeanPostProcessor measuredStores(
      ObjectProvider<MeterRegistry> meters, ObjectProvider<Traces> traces) {
    return new MeasuredStores(meters, traces);
  }

  /** Finds the tree of another registry in the store. */
  @Bean
  static ServedTree servedTree(
      DistributionProperties settings, DirectoryStorages directories, JsonCodec codec) {
    return new ServedTree(settings, directories, codec);
  }

  /** Lets what the tree of another registry contains be read as if it were in the store. */
  @Bean
  static BeanPostProcessor servedTrees(ObjectProvider<ServedTree> tree) {
    return new ServedTrees(tree);
  }

  /** Keeps what clients are told to be there, while a collection removes what is not in use. */
  @Bean
  static GuardedStores guardedStores(
      Environment environment, ObjectProvider<MonotonicClock> clock) {
    return new GuardedStores(environment, clock);
  }

  /** The guard belongs to the store, which has to exist before. */
  @Bean
  RemovalGuard removalGuard(GuardedStores stores, BlobStorage storage) {
    return stores.guard();
  }

  /** Likewise. */
  @Bean
  UnguardedStore unguardedStore(GuardedStores stores, BlobStorage storage) {
    return storage.isReadOnly() ? new UnguardedStore(storage) : stores.unguarded();
  }

  /** Lets the layers of images share the bytes of pushed blobs, also where the store cannot. */
  @Bean
  static BeanPostProcessor sharedLayers() {
    return new SharedLayers();
  }

  /** Reads the images of this registry's own store. */
  @Bean(defaultCandidate = false)
  ImageReader localImages(
      BlobStorage storage, JsonCodec codec, ImageCache cache, RemovalGuard guard) {
    return new CachedImages(new StoredImages(storage, codec), cache, guard);
  }

  @Bean
  ImageReader images(@Qualifier("localImages") ImageReader local, ObjectProvider<Mirror> mirror) {
    return mirror.stream().findFirst().map(found -> found.images(local)).orElse(local);
  }

  /** Digests that were derived from an image do not hold for the next one with its id. */
  @Bean
  @Primary
  ImageChanges imageChanges(ImageCache cache, ObjectProvider<DerivedStore> derived) {
    return id -> {
      cache.beforeReplacing(id);
      derived.ifAvailable(DerivedStore::changeGeneration);
    };
  }

  @Bean
  DomainEvents domainEvents(
      ApplicationEventPublisher publisher, ObjectProvider<UploadedLayerDigests> incoming) {
    return new DomainEvents(publisher, incoming);
  }

  @Bean
  ImageUploads imageUploads(
      BlobStorage storage,
      JsonCodec codec,
      ImageChanges changes,
      ImageEvents events,
      ObjectProvider<PushRule> rules,
      UploadProperties settings,
      Clock clock) {
    PushRule all = PushRule.all(rules.orderedStream().toList());
    return new ImageUploads(storage, codec, changes, events, all, settings, clock);
  }

  @Bean(defaultCandidate = false)
  ThreadPoolTaskScheduler uploadUpkeep() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setThreadNamePrefix("upload-sweep-");
    scheduler.setDaemon(true);
    return scheduler;
  }

  /** Any number of processes may do that; it is a list of each repository with a trash. */
  @Bean
  @Profile("!check")
  SmartInitializingSingleton trashSweeps(
      @Qualifier("uploadUpkeep") ThreadPoolTaskScheduler upkeep, Trash trash) {
    return () -> {
      var unused = upkeep.scheduleWithFixedDelay(trash::sweep, TRASH_SWEEPS);
    };
  }

  /** A command leaves what clients have begun as it is. */
  @Bean
  @Profile("!check")
  SmartInitializingSingleton uploadSweeps(
      @Qualifier("uploadUpkeep") ThreadPoolTaskScheduler upkeep,
      ImageUploads uploads,
      ObjectProvider<BlobUploads> blobs,
      BlobStorage storage,
      UploadProperties settings) {
    return () -> {
      if (storage.isReadOnly()) {
        return;
      }
      var unused = upkeep.scheduleWithFixedDelay(uploads.sweep()::run, settings.sweepInterval());
      blobs.ifAvailable(
          found -> {
            var unusedToo =
                upkeep.scheduleWithFixedDelay(
                    () -> found.sweep(settings.expireAfter()), settings.sweepInterval());
          });
    };
  }

  /** Beside the images, or in a directory of its own when nothing may be written there. */
  @Bean
  @ConditionalOnProperty(prefix = "registry.v2", name = "enabled", matchIfMissing = true)
  DerivedStore derivedStore(
      BlobStorage storage, BridgeProperties settings, DirectoryStorages directories) {
    return new DerivedStore(
        storage.isReadOnly() ? directories.open(Path.of(settings.directory())) : storage);
  }

  @Bean
  ImageRemoval imageRemoval(BlobStorage storage, ImageChanges changes) {
    return new ImageRemoval(storage, changes);
  }

  @Bean
  Repositories repositories(
      BlobStorage storage,
      @Qualifier("localImages") ImageReader images,
      JsonCodec codec,
      Clock clock,
      @Qualifier("storageReads") Executor storageReads,
      RepositoryChanges changes,
      RepositoryEvents events,
      TagProperties settings,
      TrashProperties trash,
      ObjectProvider<TagRule> rules) {
    TagRule all =
        TagRule.all(
            Stream.concat(Stream.of(new ImmutableTags(settings)), rules.orderedStream()).toList());
    return new Repositories(
        storage, images, codec, clock, storageReads, changes, events, all, trash);
  }

  @Bean
  Trash trash(Repositories repositories) {
    return repositories.trash();
  }

  /** Bounds the number of concurrent requests to the store that list operations send. */
  @Bean(defaultCandidate = false)
  ThreadPoolTaskExecutor storageReads(StorageProperties storage) {
    ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
    executor.setThreadNamePrefix("storage-read-");
    executor.setCorePoolSize(storage.parallelReads());
    executor.setMaxPoolSize(storage.parallelReads());
    executor.setAllowCoreThreadTimeOut(true);
    executor.setKeepAliveSeconds(30);
    // Requests that finish during the shutdown may still need the executor, which would otherwise
    // be closed first.
    executor.setAcceptTasksAfterContextClose(true);
    return executor;
  }

  /** The tags of this registry's own store. */
  @Bean(defaultCandidate = false)
  Tags localTags(Repositories repositories, RepositoryCache cache) {
    return new CachedTags(repositories.tags(), cache);
  }

  @Bean
  Tags tags(@Qualifier("localTags") Tags local, ObjectProvider<Mirror> mirror) {
    return mirror.stream().findFirst().map(found -> found.tags(local)).orElse(local);
  }

  /** The image lists of this registry's own store. */
  @Bean(defaultCandidate = false)
  ImageLists localImageLists(Repositories repositories, RepositoryCache cache) {
    return new CachedImageLists(repositories.imageLists(), cache);
  }

  @Bean
  ImageLists imageLists(
      @Qualifier("localImageLists") ImageLists local, ObjectProvider<Mirror> mirror) {
    return mirror.stream().findFirst().map(found -> found.imageLists(local)).orElse(local);
  }

  @Bean
  @ConditionalOnIndexMode({IndexMode.STANDALONE, IndexMode.REMOTE})
  RepositoryVisibility repositoryVisibility(Repositories repositories, RepositoryCache cache) {
    return new CachedVisibility(new MarkedVisibility(repositories), cache);
  }

  /**
   * Uses the local tags only: a tag of a mirror's source may name the id of an image that is
   * private in this registry.
   */
  @Bean
  TaggedImages taggedImages(
      @Qualifier("localTags") Tags tags,
      @Qualifier("localImages") ImageReader images,
      @Qualifier("storageReads") Executor storageReads) {
    return new TaggedImages(tags, images, storageReads);
  }

  @Bean
  @ConditionalOnIndexMode(IndexMode.REMOTE)
  TokenVerifier tokenVerifier(
      @Qualifier("remoteIndexVerifier") RemoteIndexVerifier index,
      Repositories repositories,
      GrantCache cache,
      BlobStorage storage) {
    TokenVerifier verifier =
        storage.isReadOnly() ? index : new RecordingTokenVerifier(index, repositories);
    return new RememberedGrants(verifier, cache);
  }
}
