package io.registry;

import io.registry.image.ImageReader;
import io.registry.image.ImageUploads;
import io.registry.image.StoredImages;
import io.registry.json.JsonCodec;
import io.registry.ops.ServiceCheck;
import io.registry.ops.ServiceStatus;
import io.registry.ops.StorageCheck;
import io.registry.repository.ImageLists;
import io.registry.repository.Repositories;
import io.registry.repository.Tags;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;

/** Puts the rooms together. What decorates what is decided here and nowhere else. */
@Configuration(proxyBeanMethods = false)
class AssemblyConfiguration {

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  JsonCodec jsonCodec() {
    return new JsonCodec();
  }

  @Bean
  ImageReader images(BlobStorage storage, JsonCodec codec) {
    return new StoredImages(storage, codec);
  }

  @Bean
  ImageUploads imageUploads(BlobStorage storage, JsonCodec codec) {
    return new ImageUploads(storage, codec);
  }

  @Bean
  Repositories repositories(
      BlobStorage storage,
      ImageReader images,
      JsonCodec codec,
      Clock clock,
      AsyncTaskExecutor executor) {
    return new Repositories(storage, images, codec, clock, executor);
  }

  @Bean
  Tags tags(Repositories repositories) {
    return repositories.tags();
  }

  @Bean
  ImageLists imageLists(Repositories repositories) {
    return repositories.imageLists();
  }

  @Bean
  ServiceCheck storageCheck(BlobStorage storage) {
    return new StorageCheck(storage);
  }

  @Bean
  ServiceStatus serviceStatus(List<ServiceCheck> checks, AsyncTaskExecutor executor) {
    return new ServiceStatus(checks, executor);
  }
}
