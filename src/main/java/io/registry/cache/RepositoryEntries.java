package io.registry.cache;

import io.registry.repository.RepositoryName;
import java.time.Duration;
import java.util.Optional;

/**
 * Where parts of repositories are remembered: in this process, or in a server that many share. All
 * methods may be asked at any time by many threads, and none fails: what cannot be done is not
 * done, and said so where it matters.
 *
 * <p>Whoever does not find something gets a token before it reads the store; what it read is
 * remembered only if no change of the repository was announced since then. While a change goes on,
 * nothing of the repository is remembered. All of it may be lost at any moment, tokens and
 * announcements too, and nothing that is old is found because of that.
 */
interface RepositoryEntries {
  /** A change that is announced and does not end hinders nobody any more after so long. */
  Duration LONGEST_CHANGE = Duration.ofMinutes(2);

  /** Who remembers here; nothing when it is out of reach. Two of the same text are the same. */
  Optional<String> holder();

  /** Whether other processes remember in the same place. */
  boolean isShared();

  /**
   * Tries once more to reach who remembers, when that has failed; else does nothing.
   *
   * @return whether it is in reach again
   */
  boolean recover();

  /**
   * Looks something up.
   *
   * @param epoch the current epoch
   * @param repository the repository
   * @param part the part of it
   * @return what is remembered, or how to remember it; neither while the repository is changed, or
   *     when the epoch is held by another
   */
  <V> Recall<V> find(Epoch epoch, RepositoryName repository, CachePart<V> part);

  /**
   * Remembers what was read from the store, unless the repository has changed since.
   *
   * @param epoch the epoch of the token
   * @param repository the repository
   * @param token was had before the store was read
   * @param part the part that was read
   * @param value what was read
   */
  <V> void remember(
      Epoch epoch, RepositoryName repository, String token, CachePart<V> part, V value);

  /**
   * Forgets a repository, and remembers nothing of it until {@link #unblock}, or for {@link
   * #LONGEST_CHANGE}.
   *
   * @param epoch the current epoch
   * @param repository the repository
   * @param change names the change that is to come
   * @return whether that is done; never when the epoch is held by another
   */
  boolean block(Epoch epoch, RepositoryName repository, String change);

  /**
   * Forgets a repository, and may remember it again when no other change is going on.
   *
   * @param epoch the current epoch, maybe another than when the change began
   * @param repository the repository
   * @param change names the change that is over
   * @return whether that is done; never when the epoch is held by another
   */
  boolean unblock(Epoch epoch, RepositoryName repository, String change);

  /**
   * What a memory says when it is asked.
   *
   * @param value what is remembered
   * @param token lets the value be remembered that is read from now on; nothing when it cannot be
   * @param <V> what it is
   */
  record Recall<V>(Optional<V> value, Optional<String> token) {
    /** Neither a value nor a way to remember it. */
    static <V> Recall<V> none() {
      return new Recall<>(Optional.empty(), Optional.empty());
    }
  }
}
