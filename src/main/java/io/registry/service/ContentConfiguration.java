package io.registry.service;

import io.registry.bridge.BridgedRepository;
import io.registry.json.JsonCodec;
import io.registry.manifest.BlobStore;
import io.registry.manifest.BlobUploads;
import io.registry.manifest.ManifestParser;
import io.registry.manifest.Origins;
import io.registry.manifest.RepositoryContent;
import io.registry.repository.Repositories;
import io.registry.repository.Tags;
import io.registry.storage.BlobStorage;
import java.time.Clock;
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
      BlobUploads uploads) {
    return new BlobService(repositories, bridged, content, blobs, uploads);
  }

  @Bean
  ManifestService manifestService(
      RepositoryService repositories,
      BlobService blobService,
      Tags tags,
      BridgedRepository bridged,
      RepositoryContent content,
      BlobStore blobs,
      Origins origins,
      JsonCodec codec,
      Pushers pushers) {
    return new ManifestService(
        repositories,
        blobService,
        tags,
        bridged,
        content,
        blobs,
        origins,
        new ManifestParser(codec),
        pushers);
  }
}
