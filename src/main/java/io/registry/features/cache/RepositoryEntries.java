package io.registry.features.cache;

import io.registry.content.repository.RepositoryName;
import java.time.Duration;
import java.util.Optional;

/**
 * The cache behind {@link RepositoryCache}: in this process, or in a server that many share. All
 * methods are safe for many threads and never throw: what cannot be done is not done, and the
 * result says so where it matters.
 *
 * <p>A reader that misses gets a token before it reads the store; what it reads is cached only if
 * no change of the repository was announced since then. While a change is in progress, nothing of
 * the repository is cached. The cache may lose everything at any moment, tokens and announcements
 * included; that never makes old data visible.
 */
interface RepositoryEntries {
  /** A change whose end is not announced stops blocking the cache after this time. */
  Duration LONGEST_CHANGE = Duration.ofMinutes(2);

  /** Identifies the cache; empty when it is unavailable. Equal texts mean the same cache. */
  Optional<String> holder();

  /** Whether other processes use the same cache. */
  boolean isShared();

  /**
   * Tries once more to reach the cache after a failure; else does nothing.
   *
   * @return whether it is available again
   */
  boolean recover();

  /**
   * Looks up a part of a repository.
   *
   * @param epoch the current epoch
   * @param repository the repository
   * @param part the part
   * @return the cached value, or a token for storing one; neither while the repository is being
   *     changed, or when another cache holds the epoch
   */
  <V> Recall<V> find(Epoch epoch, RepositoryName repository, CachePart<V> part);

  /**
   * Stores what was read from the store, unless the repository has changed since.
   *
   * @param epoch the epoch of the token
   * @param repository the repository
   * @param token from before the store was read
   * @param part the part that was read
   * @param value what was read
   */
  <V> void remember(
      Epoch epoch, RepositoryName repository, String token, CachePart<V> part, V value);

  /**
   * Drops a repository, and caches nothing of it until {@link #unblock}, or for {@link
   * #LONGEST_CHANGE}.
   *
   * @param epoch the current epoch
   * @param repository the repository
   * @param change identifies the change that begins
   * @return whether that was done; false when another cache holds the epoch
   */
  boolean block(Epoch epoch, RepositoryName repository, String change);

  /**
   * Drops a repository, and allows it to be cached again when no other change is in progress.
   *
   * @param epoch the current epoch, which may differ from the one at the beginning of the change
   * @param repository the repository
   * @param change identifies the change that has ended
   * @return whether that was done; false when another cache holds the epoch
   */
  boolean unblock(Epoch epoch, RepositoryName repository, String change);

  /**
   * The result of a lookup.
   *
   * @param value the cached value
   * @param token allows a value that is read after now to be stored; empty when it must not be
   * @param <V> the type of the value
   */
  record Recall<V>(Optional<V> value, Optional<String> token) {
    /** Neither a value nor a token. */
    static <V> Recall<V> none() {
      return new Recall<>(Optional.empty(), Optional.empty());
    }
  }
}
