package io.registry.access.index;

import io.registry.platform.database.Database;
import io.registry.platform.problem.RegistryException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Manages the keys that sign tokens, which all processes on one database share. All processes know
 * a new key before the first token is signed with it: each process reads the keys at least every
 * {@link #FRESH}, and a key signs only once it is older than twice that, unless there is no other.
 */
final class SigningKeys {
  /** Keys that were read longer ago are read again before a token is signed. */
  static final Duration FRESH = Duration.ofMinutes(1);

  /** How long other processes need to learn a new key. */
  static final Duration RIPE = FRESH.multipliedBy(2);

  /** The shortest pause between two reads of the database that tokens with unknown keys cause. */
  static final Duration UNKNOWN_PAUSE = Duration.ofSeconds(1);

  /** The longest life of a token, plus an hour for clocks that differ. */
  private static final Duration LONGEST_LIFE =
      EmbeddedIndexProperties.LONGEST_TOKEN_LIFETIME.plusHours(1);

  private final SigningKeyRows rows;
  private final Clock clock;
  private final Duration rotation;
  private final ReentrantLock reading = new ReentrantLock();
  private Optional<RegistryException> failure = Optional.empty();
  private Instant failed = Instant.MIN;
  private volatile Known known = new Known(List.of(), Instant.MIN);

  SigningKeys(Database database, Clock clock, Duration rotation, KeySeal seal) {
    this.rows = new SigningKeyRows(database, seal);
    this.clock = clock;
    this.rotation = rotation;
  }

  /** The keys, the newest first, and when they were read. */
  private record Known(List<SigningKey> keys, Instant read) {
    Optional<SigningKey> find(String id) {
      return keys.stream().filter(key -> key.id().equals(id)).findFirst();
    }

    boolean isOlderThan(Duration age, Instant now) {
      return now.isAfter(read.plus(age)) || read.isAfter(now);
    }
  }

  /**
   * Seals the keys in the database that are not sealed, and reads all of them.
   *
   * @throws io.registry.platform.problem.SetupException when they were sealed with another secret
   */
  void seal() {
    rows.sealAll();
    rows.all();
  }

  /** The key that signs new tokens. */
  SigningKey signing() {
    List<SigningKey> keys = upToDate().keys();
    Instant ripe = clock.instant().minus(RIPE);
    return keys.stream()
        .filter(key -> !key.created().isAfter(ripe))
        .findFirst()
        .orElseGet(() -> keys.get(keys.size() - 1));
  }

  /** Finds a key by its id, if tokens that it has signed may still be valid. */
  Optional<SigningKey> find(String id) {
    Known current = known.keys().isEmpty() ? upToDate() : known;
    Optional<SigningKey> key = current.find(id);
    return key.isPresent() ? key : readAfter(UNKNOWN_PAUSE, current).find(id);
  }

  private Known upToDate() {
    Known current = readAfter(FRESH, known);
    Instant now = clock.instant();
    if (current.keys().isEmpty()) {
      return replace(1, now);
    }
    SigningKey newest = current.keys().get(0);
    if (now.isAfter(newest.created().plus(rotation))) {
      outlived(current.keys(), now).ifPresent(rows::removeUpTo);
      return replace(newest.generation() + 1, now);
    }
    return current;
  }

  private Known replace(int generation, Instant now) {
    rows.add(generation, now);
    reading.lock();
    try {
      return read(now);
    } finally {
      reading.unlock();
    }
  }

  /**
   * The newest generation whose successor has been signing for longer than the life of any token.
   */
  private static Optional<Integer> outlived(List<SigningKey> keys, Instant now) {
    Instant silent = now.minus(LONGEST_LIFE).minus(RIPE).minus(FRESH);
    return keys.stream()
        .filter(key -> key.created().isBefore(silent))
        .findFirst()
        .map(key -> key.generation() - 1);
  }

  private Known readAfter(Duration age, Known seen) {
    if (!seen.isOlderThan(age, clock.instant())) {
      return seen;
    }
    reading.lock();
    try {
      // Another thread may have read the keys, or failed to, while this one waited for the lock.
      Instant now = clock.instant();
      if (!known.isOlderThan(age, now)) {
        return known;
      }
      if (failure.isPresent() && !now.isAfter(failed.plus(UNKNOWN_PAUSE))) {
        throw failure.get();
      }
      return read(now);
    } finally {
      reading.unlock();
    }
  }

  private Known read(Instant now) {
    try {
      known = new Known(rows.all(), now);
      failure = Optional.empty();
      return known;
    } catch (RegistryException e) {
      failure = Optional.of(e);
      failed = clock.instant();
      throw e;
    }
  }
}
