package io.registry.cache;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Remembers repositories in the process, unless a profile names a server. */
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
