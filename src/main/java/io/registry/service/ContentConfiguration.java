package io.registry.service;

import io.registry.access.auth.AccessRecorder;
import io.registry.bridge.BridgeProperties;
import io.registry.bridge.BridgedRepository;
import io.registry.bridge.DerivedStore;
import io.registry.bridge.SchemaOneBridge;
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
      ConvertedManifests converted,
      ObjectProvider<UpstreamContent> source) {
    return new BlobService(
        repositories,
        bridged,
        content,
        blobs,
        uploads,
        trash,
        converted,
        source.getIfAvailable(() -> UpstreamContent.NONE));
  }

  @Bean
  ManifestParser manifestParser(JsonCodec codec) {
    return new ManifestParser(codec);
  }

  @Bean
  ConvertedManifests convertedManifests(
      SchemaOneBridge bridge,
      RepositoryContent content,
      BlobStore blobs,
      ManifestParser parser,
      @Qualifier("localImages") ImageReader images) {
    return new ConvertedManifests(bridge, content, blobs, parser, images);
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
      BlobService blobService,
      ConvertedManifests converted,
      ObjectProvider<UpstreamContent> source) {
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
        blobService,
        converted,
        source.getIfAvailable(() -> UpstreamContent.NONE));
  }

  @Bean
  ManifestRestoration manifestRestoration(
      RepositoryContent content, BlobStore blobs, ManifestParser parser) {
    return new ManifestRestoration(content, blobs, parser);
  }

  @Bean
  V1Counterparts v1Counterparts(
      ManifestService manifests,
      BlobService blobService,
      BlobStore blobs,
      BridgedRepository bridged,
      V1Views views,
      ManifestParser parser,
      BridgeProperties settings,
      ConvertedManifests converted,
      OriginNotes origins) {
    return new V1Counterparts(
        manifests,
        blobService,
        blobs,
        bridged,
        views,
        origins,
        parser,
        converted,
        settings.v1Platform());
  }

  @Bean
  OriginNotes originNotes(
      Origins origins, @Qualifier("localImages") ImageReader images, DerivedStore derived) {
    return new OriginNotes(origins, images, derived);
  }

  @Bean
  ManifestStore manifestStore(
      BlobService blobService,
      RepositoryContent content,
      BlobStore blobs,
      BridgedRepository bridged) {
    return new ManifestStore(blobService, content, blobs, bridged);
  }

  @Bean
  ManifestTags manifestTags(
      Tags tags,
      Repositories repositories,
      RepositoryContent content,
      ManifestService manifests,
      V1Counterparts counterparts,
      AccessRecorder recorder) {
    return new ManifestTags(tags, repositories, content, manifests, counterparts, recorder);
  }

  @Bean
  ManifestPush manifestPush(
      RepositoryService repositories,
      PushingClients pushers,
      ManifestParser parser,
      ManifestStore store,
      V1Counterparts counterparts,
      ManifestTags tags,
      TagConfirmation confirmation,
      RepositoryEvents events) {
    return new ManifestPush(
        repositories, pushers, parser, store, counterparts, tags, confirmation, events);
  }
}
