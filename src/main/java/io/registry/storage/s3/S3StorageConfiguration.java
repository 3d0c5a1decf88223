package io.registry.storage.s3;

import io.registry.platform.trace.Traces;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageProperties;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import software.amazon.awssdk.services.s3.S3Client;

/** Configures the S3 driver, for S3 or a compatible store. */
@Configuration(proxyBeanMethods = false)
@Profile("s3")
@EnableConfigurationProperties({S3StorageProperties.class, StorageProperties.class})
class S3StorageConfiguration {

  @Bean
  S3Clients s3Clients(S3StorageProperties s3, ObjectProvider<Traces> traces) {
    return new S3Clients(s3, traces.getIfAvailable(() -> Traces.NONE));
  }

  @Bean(destroyMethod = "close")
  S3Client s3Client(S3Clients clients) {
    return clients.client();
  }

  @Bean(destroyMethod = "close")
  S3Links s3Links(S3Clients clients, S3StorageProperties s3, StorageProperties storage) {
    return new S3Links(clients.presigner(), s3, storage);
  }

  @Bean
  BlobStorage blobStorage(S3Client client, S3StorageProperties s3, S3Links links) {
    S3BlobStorage storage = new S3BlobStorage(client, s3, links);
    storage.checkSetup();
    return storage;
  }

  @Bean(defaultCandidate = false)
  ThreadPoolTaskScheduler abandonedUploadsScheduler() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setThreadNamePrefix("abandoned-uploads-");
    scheduler.setDaemon(true);
    return scheduler;
  }

  // A read-only process must not delete anything.
  @Bean
  @Profile("!check")
  @ConditionalOnBooleanProperty(
      name = "registry.read-only",
      havingValue = false,
      matchIfMissing = true)
  AbandonedUploads abandonedUploads(
      S3Client client,
      S3StorageProperties s3,
      Clock clock,
      @Qualifier("abandonedUploadsScheduler") TaskScheduler scheduler) {
    return new AbandonedUploads(client, s3, clock, scheduler, Duration.ofHours(1));
  }
}
