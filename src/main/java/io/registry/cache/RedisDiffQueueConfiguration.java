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

/** With the profile redis: configures the queue of comparisons that the replicas share. */
@Configuration(proxyBeanMethods = false)
@Profile("redis")
@ConditionalOnBooleanProperty("registry.contents.enabled")
class RedisDiffQueueConfiguration {
  /** How often the registry tries to send what was added while Redis was unavailable. */
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
