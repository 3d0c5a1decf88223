package io.registry.features.search;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.repository.Repositories;
import io.registry.platform.database.Database;
import io.registry.platform.database.DatabaseConfiguration;
import java.time.Clock;
import java.util.concurrent.Executor;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Configures search, with the database of its index. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(prefix = "registry.search", name = "enabled")
@Import(DatabaseConfiguration.class)
@EnableConfigurationProperties(SearchProperties.class)
class SearchConfiguration {

  @Bean
  ChangedRepositories searchHints() {
    return new ChangedRepositories();
  }

  @Bean
  SearchListener searchListener(ChangedRepositories changed) {
    return new SearchListener(changed);
  }

  @Bean
  IndexRows searchIndexRows(Database database) {
    return new IndexRows(database);
  }

  @Bean
  Catalogue searchCatalogue(IndexRows rows) {
    return new Catalogue(rows);
  }

  @Bean
  StoreReader searchLooks(
      Repositories repositories,
      RepositoryVisibility visibility,
      @Qualifier("storageReads") Executor storageReads) {
    return new StoreReader(repositories, visibility, storageReads);
  }

  @Bean
  RepositorySearch repositorySearch(Catalogue catalogue) {
    return new RepositorySearch(catalogue);
  }

  @Bean
  Descriptions descriptions(IndexRows rows, StoreReader looks) {
    return new Descriptions(rows, looks);
  }

  @Bean
  SearchIndexer searchIndexer(
      IndexRows rows,
      Catalogue catalogue,
      Repositories repositories,
      StoreReader looks,
      ChangedRepositories changed,
      Database database,
      SearchProperties settings,
      Clock clock) {
    ScanLease lease = new ScanLease(database, clock, settings.scanLease());
    return new SearchIndexer(rows, catalogue, repositories, looks, lease, changed, clock);
  }

  @Bean
  MeterBinder searchMeters(SearchIndexer indexer) {
    return registry -> watch(registry, indexer);
  }

  private static void watch(MeterRegistry registry, SearchIndexer indexer) {
    Gauge.builder("registry.search.repositories", () -> indexer.status().repositories())
        .description("Repositories that the index knows of")
        .register(registry);
    Gauge.builder("registry.search.waiting", () -> indexer.status().waiting())
        .description("Repositories that have changed and are to be looked at")
        .register(registry);
    Gauge.builder(
            "registry.search.ready",
            () -> indexer.status().state() == SearchStatus.State.READY ? 1 : 0)
        .description("Whether the index says what the store says")
        .register(registry);
  }
}
