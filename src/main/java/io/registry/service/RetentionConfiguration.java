package io.registry.service;

import io.registry.content.repository.Pins;
import io.registry.content.retention.RetentionProperties;
import io.registry.content.retention.RetentionRules;
import io.registry.content.retention.TagPulls;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.scheduling.support.CronTrigger;

/** The retention of tags. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RetentionProperties.class)
class RetentionConfiguration {
  private static final Duration FLUSHES = Duration.ofMinutes(1);

  @Bean
  RetentionRules retentionRules(RetentionProperties settings) {
    return new RetentionRules(settings);
  }

  @Bean
  Pins pins(BlobStorage storage, JsonCodec codec, Clock clock) {
    return new Pins(storage, codec, clock);
  }

  @Bean(destroyMethod = "flush")
  TagPulls tagPulls(BlobStorage storage, RetentionProperties settings, Clock clock) {
    boolean areWanted = settings.rules().stream().anyMatch(rule -> !rule.pulledWithin().isZero());
    return new TagPulls(storage, areWanted, clock);
  }

  @Bean(defaultCandidate = false)
  ThreadPoolTaskScheduler retentionUpkeep() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setThreadNamePrefix("retention-");
    scheduler.setDaemon(true);
    // A long run must not keep the pulls from being written.
    scheduler.setPoolSize(2);
    return scheduler;
  }

  @Bean
  RetentionRun retentionRun(
      RetentionService retention,
      @Qualifier("retentionUpkeep") ThreadPoolTaskScheduler upkeep,
      Clock clock) {
    return new RetentionRun(retention, upkeep, clock);
  }

  /** A command does this only when it is asked to. */
  @Bean
  @Profile("!check")
  SmartInitializingSingleton retentionRuns(
      @Qualifier("retentionUpkeep") ThreadPoolTaskScheduler upkeep,
      RetentionRun run,
      RetentionProperties settings,
      TagPulls pulls,
      BlobStorage storage) {
    return () -> {
      if (storage.isReadOnly()) {
        return;
      }
      var unused = upkeep.scheduleWithFixedDelay(pulls::flush, FLUSHES);
      if (!settings.schedule().isEmpty()) {
        var unusedToo = upkeep.schedule(run::begin, new CronTrigger(settings.schedule()));
      }
    };
  }
}
