package io.registry.service;

import io.registry.access.auth.AccessRecorder;
import io.registry.bridge.BridgeProperties;
import io.registry.bridge.BridgedRepository;
import io.registry.bridge.DerivedStore;
import io.registry.bridge.V1Views;
import io.registry.content.image.ImageReader;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.BlobUploads;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.Origins;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryEvents;
import io.registry.content.repository.Tags;
import io.registry.content.repository.Trash;
import io.registry.content.retention.TagPulls;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Content by digest, unless V2 is switched off. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(prefix = "registry.v2", name = "enabled", matchIfMissing = true)
class ContentConfiguration {

  @Bean
  BlobStore blobStore(BlobStorage storage) {
    return new BlobStore(storage);
  }

  @Bean
  BlobUploads blobUploads(BlobStorage storage, BlobStore blobs, JsonCodec codec, Clock clock) {
    return new BlobUploads(storage, blobs, codec, clock);
  }

  @Bean
  RepositoryContent repositoryContent(
      BlobStorage storage, Repositories repositories, JsonCodec codec) {
    return new RepositoryContent(storage, repositories::contentFolder, codec);
  }

  @Bean
  Origins origins(BlobStorage storage, JsonCodec codec) {
    return new Origins(storage, codec);
  }

  @Bean
  BlobService blobService(
      RepositoryService repositories,
      BridgedRepository bridged,
      RepositoryContent content,
      BlobStore blobs,
      BlobUploads uploads,
      Trash trash,
      ObjectProvider<ContentSource> source) {
    return new BlobService(
        repositories,
        bridged,
        content,
        blobs,
        uploads,
        trash,
        source.getIfAvailable(() -> ContentSource.NONE));
  }

  @Bean
  ManifestParser manifestParser(JsonCodec codec) {
    return new ManifestParser(codec);
  }

  @Bean
  ManifestService manifestService(
      Tags tags,
      BridgedRepository bridged,
      RepositoryContent content,
      BlobStore blobs,
      Origins origins,
      DerivedStore derived,
      ManifestParser parser,
      RepositoryEvents events,
      Trash trash,
      TagPulls pulls,
      ObjectProvider<ContentSource> source) {
    return new ManifestService(
        tags,
        bridged,
        content,
        blobs,
        origins,
        derived,
        parser,
        events,
        trash,
        pulls,
        source.getIfAvailable(() -> ContentSource.NONE));
  }

  @Bean
  ManifestRestoration manifestRestoration(
      RepositoryContent content, BlobStore blobs, ManifestParser parser) {
    return new ManifestRestoration(content, blobs, parser);
  }

  @Bean
  V1Naming v1Naming(
      V1Views views,
      BridgedRepository bridged,
      BlobService blobService,
      BlobStore blobs,
      Origins origins,
      @Qualifier("localImages") ImageReader images,
      DerivedStore derived,
      ManifestParser parser) {
    return new V1Naming(views, bridged, blobService, blobs, origins, images, derived, parser);
  }

  @Bean
  ManifestPush manifestPush(
      RepositoryService repositoryService,
      Repositories repositories,
      BlobService blobService,
      ManifestService manifests,
      Tags tags,
      BridgedRepository bridged,
      RepositoryContent content,
      BlobStore blobs,
      ManifestParser parser,
      V1Naming naming,
      Pushers pushers,
      AccessRecorder recorder,
      RepositoryEvents events,
      BridgeProperties settings) {
    return new ManifestPush(
        repositoryService,
        repositories,
        blobService,
        manifests,
        tags,
        bridged,
        content,
        blobs,
        parser,
        naming,
        pushers,
        recorder,
        events,
        settings.v1Platform());
  }
}
