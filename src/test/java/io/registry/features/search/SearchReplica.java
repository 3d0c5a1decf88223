package io.registry.features.search;

import io.registry.access.auth.MarkedVisibility;
import io.registry.access.auth.ReadScope;
import io.registry.content.image.StoredImages;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryChanges;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagRule;
import io.registry.content.repository.TrashProperties;
import io.registry.platform.database.Database;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** One process of several that share a store and a database, without the HTTP around it. */
final class SearchReplica implements AutoCloseable {
  static final Duration LEASE = Duration.ofSeconds(30);
  private static final JsonCodec CODEC = new JsonCodec();
  private static final byte[] LIST =
      "[{\"id\": \"%s\"}]".formatted(TestImage.id("any")).getBytes(StandardCharsets.UTF_8);

  final ChangedRepositories changed = new ChangedRepositories();
  final Repositories repositories;
  final StoreReader looks;
  final IndexRows rows;
  final Catalogue catalogue;
  final ScanLease lease;
  final IndexUpdater follower;
  final SearchIndexer indexer;

  SearchReplica(DataSource source, BlobStorage storage, Clock clock) {
    Database database = new Database(source);
    SearchListener listener = new SearchListener(changed);
    this.repositories =
        new Repositories(
            storage,
            new StoredImages(storage, CODEC),
            CODEC,
            clock,
            Runnable::run,
            new Unheard(),
            listener::changed,
            TagRule.NONE,
            TrashProperties.OFF);
    this.looks = new StoreReader(repositories, new MarkedVisibility(repositories), Runnable::run);
    this.rows = new IndexRows(database);
    this.catalogue = new Catalogue(rows);
    this.lease = new ScanLease(database, clock, LEASE);
    this.follower = new IndexUpdater(changed, looks, rows, () -> true);
    this.indexer = new SearchIndexer(rows, catalogue, repositories, looks, lease, changed, clock);
  }

  static RepositoryName name(String text) {
    return RepositoryName.parse(text);
  }

  void push(String name) {
    repositories.imageLists().add(name(name), LIST);
  }

  void remove(String name) {
    repositories.remove(name(name), false);
  }

  void catchUp() {
    Optional<RuntimeException> failure = follower.catchUp();
    failure.ifPresent(
        e -> {
          throw e;
        });
  }

  /** Scans the store from its beginning to its end. */
  boolean scan() {
    long number = lease.acquire().orElseThrow();
    boolean ended =
        new StoreScan(repositories, looks, rows, changed, number, folders -> true).run();
    lease.finish(number);
    return ended;
  }

  /** The names of all that the index knows. */
  List<String> all() {
    return find("", ReadScope.EVERYTHING);
  }

  List<String> find(String term, ReadScope scope) {
    return catalogue.current().find(term, scope, 0, Integer.MAX_VALUE).some().stream()
        .map(row -> row.repository().toString())
        .toList();
  }

  @Override
  public void close() {
    indexer.close();
  }

  private static final class Unheard implements RepositoryChanges {
    @Override
    public <V> V call(RepositoryName repository, Supplier<V> change) {
      return change.get();
    }
  }
}
