package io.registry.features.cache;

import io.registry.platform.concurrent.MonotonicClock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/**
 * Configures a cache of repositories in this process's memory, unless a profile configures a shared
 * one.
 */
@Configuration(proxyBeanMethods = false)
@Profile("!redis")
class MemoryCacheConfiguration {

  @Bean
  RepositoryEntries repositoryEntries(CacheProperties settings, CacheMeters meters) {
    if (settings.tagsTtl().isZero()) {
      return new NoRepositoryEntries();
    }
    MemoryRepositoryEntries entries =
        new MemoryRepositoryEntries(settings.tagsTtl(), settings.memory(), MonotonicClock.SYSTEM);
    meters.watch("repositories", entries.memory());
    return entries;
  }
}
