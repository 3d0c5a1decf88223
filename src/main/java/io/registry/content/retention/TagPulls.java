package io.registry.content.retention;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each tag was pulled last, to the hour. A pull only notes it in memory; {@link #flush}, in
 * the background, writes it to the store, for each tag at most once an hour.
 */
public final class TagPulls {
  private static final Logger log = LoggerFactory.getLogger(TagPulls.class);

  private static final BlobKey ROOT = BlobKey.of("_pulls");

  /** V1 daemons list all tags before they pull, and do not say which of them. */
  private static final String ALL = "all";

  private static final Duration STEP = Duration.ofHours(1);
  private static final int MAX_NOTED = 100_000;
  private static final int SMALL = 1024;

  private final BlobStorage storage;
  private final boolean areWanted;
  private final Clock clock;
  private final Map<BlobKey, Instant> waiting = new ConcurrentHashMap<>();
  private final Cache<BlobKey, Boolean> written =
      Caffeine.newBuilder().maximumSize(MAX_NOTED).expireAfterWrite(STEP).build();

  /**
   * Pulls of a store.
   *
   * @param storage the store
   * @param areWanted whether pulls are noted; otherwise reading changes nothing in the store
   * @param clock says what time it is
   */
  public TagPulls(BlobStorage storage, boolean areWanted, Clock clock) {
    this.storage = storage;
    this.areWanted = areWanted;
    this.clock = clock;
  }

  private static BlobKey file(RepositoryName repository, TagName tag) {
    return repository.folderIn(ROOT).child(tag.file());
  }

  private static BlobKey all(RepositoryName repository) {
    return repository.folderIn(ROOT).child(ALL);
  }

  /** Notes that a client pulls a tag. Writes nothing, and never fails. */
  public void note(RepositoryName repository, TagName tag) {
    note(file(repository, tag));
  }

  /** Notes that a client asked for all tags, and may pull each of them. */
  public void noteAll(RepositoryName repository) {
    note(all(repository));
  }

  private void note(BlobKey file) {
    // What finds no place is noted by the next pull.
    if (areWanted
        && !storage.isReadOnly()
        && written.getIfPresent(file) == null
        && waiting.size() < MAX_NOTED) {
      waiting.putIfAbsent(file, clock.instant());
    }
  }

  /** Writes what was noted to the store. What the store does not take is tried again. */
  public void flush() {
    for (Map.Entry<BlobKey, Instant> noted : Map.copyOf(waiting).entrySet()) {
      try {
        write(noted.getKey(), noted.getValue());
      } catch (StorageException e) {
        log.warn("When a tag was pulled could not be written: {}", noted.getKey(), e);
        return;
      }
      written.put(noted.getKey(), true);
      waiting.remove(noted.getKey(), noted.getValue());
    }
  }

  private void write(BlobKey file, Instant pulled) {
    // Another process may have done so.
    if (read(file).filter(last -> last.plus(STEP).isAfter(pulled)).isEmpty()) {
      storage.writeUnsynced(file, pulled.toString().getBytes(StandardCharsets.US_ASCII));
    }
  }

  private Optional<Instant> read(BlobKey file) {
    try {
      return storage
          .read(file, SMALL)
          .map(bytes -> Instant.parse(new String(bytes, StandardCharsets.US_ASCII).strip()));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** When a tag was pulled last, to the hour; empty when that is not known. */
  public Optional<Instant> last(RepositoryName repository, TagName tag) {
    Optional<Instant> one = read(file(repository, tag));
    Optional<Instant> all = read(all(repository));
    return one.isPresent() && all.isPresent()
        ? Optional.of(one.get().isAfter(all.get()) ? one.get() : all.get())
        : one.or(() -> all);
  }

  /** Forgets a tag that was removed. */
  public void forget(RepositoryName repository, TagName tag) {
    BlobKey file = file(repository, tag);
    waiting.remove(file);
    storage.delete(file);
  }
}
