package io.registry.cache;

import io.registry.contents.ContentsProperties;
import io.registry.contents.DiffQueue;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** With the profile redis: the replicas share the work of comparing images. */
@Configuration(proxyBeanMethods = false)
@Profile("redis")
@ConditionalOnBooleanProperty("registry.contents.enabled")
class RedisDiffQueueConfiguration {
  /** So often it is tried to pass on what was added while Redis was away. */
  private static final Duration AWAY = Duration.ofSeconds(2);

  @Bean
  DiffQueue redisDiffQueue(
      @Qualifier("bytesInRedis") RedisTemplate<byte[], byte[]> redis,
      RedisCircuit circuit,
      RedisKeys keys,
      ContentsProperties settings,
      @Qualifier("cacheUpkeep") ThreadPoolTaskScheduler upkeep) {
    RedisDiffQueue queue =
        new RedisDiffQueue(
            redis,
            circuit,
            keys,
            settings.queue(),
            settings.claim(),
            upkeep,
            MonotonicClock.SYSTEM);
    ScheduledFuture<?> unused = upkeep.scheduleWithFixedDelay(queue::sendKept, AWAY);
    return queue;
  }
}
