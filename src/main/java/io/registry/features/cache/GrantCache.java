package io.registry.features.cache;

import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Grant;
import io.registry.platform.concurrent.SingleFlight;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Caches what the remote index has allowed, under hashes of the tokens, and never what it has
 * refused. Concurrent requests for the same token share one question to the index. Each entry
 * contains the time of its expiry, which holds at every cache level.
 */
public final class GrantCache {
  /** The name of the cache, as used in Redis keys and metrics. */
  static final String NAME = "grants";

  static final Codec<RememberedGrant> CODEC = new GrantCodec();

  private final String index;
  private final Duration ttl;
  private final List<CacheLevel> levels;
  private final Clock clock;
  private final CacheMeters meters;
  private final SingleFlight<String, Answer> singleFlight = new SingleFlight<>();

  private record Answer(Optional<Grant> allowed) {}

  /**
   * Creates a cache.
   *
   * @param index the index that is asked; entries of another index are not found
   * @param ttl how long an answer is valid, from when the question was sent
   * @param levels the cache levels, nearest first; empty to ask each time
   * @param clock the time
   * @param meters the metrics
   */
  GrantCache(String index, Duration ttl, List<CacheLevel> levels, Clock clock, CacheMeters meters) {
    this.index = index;
    this.ttl = ttl;
    this.levels = List.copyOf(levels);
    this.clock = clock;
    this.meters = meters;
  }

  /**
   * Gets a grant, from the cache or else from the index.
   *
   * @param token the token
   * @param question what the index is asked about the token
   * @param fits whether a cached grant of the token answers the question
   * @param ask asks the index
   * @return the grant; empty when the index refuses
   */
  Optional<Grant> get(
      AccessToken token, String question, Predicate<Grant> fits, Supplier<Optional<Grant>> ask) {
    if (levels.isEmpty()) {
      return ask.get();
    }
    String key = key(token, question);
    Predicate<Grant> answers =
        grant ->
            grant.repository().equals(token.repository())
                && grant.access() == token.access()
                && fits.test(grant);
    return singleFlight
        .get(key, () -> find(key, answers), () -> new Answer(ask(key, ask)))
        .allowed();
  }

  private Optional<Answer> find(String key, Predicate<Grant> answers) {
    Optional<Grant> found = recall(key, answers);
    if (found.isPresent()) {
      meters.hit(NAME);
      return Optional.of(new Answer(found));
    }
    return Optional.empty();
  }

  private Optional<Grant> ask(String key, Supplier<Optional<Grant>> ask) {
    meters.miss(NAME);
    Instant until = clock.instant().plus(ttl);
    Optional<Grant> allowed = ask.get();
    allowed.ifPresent(grant -> remember(key, new RememberedGrant(until, grant), levels.size()));
    return allowed;
  }

  // A hash, so that reading the cache does not reveal the token.
  private String key(AccessToken token, String question) {
    // A name and password, unlike a token, says nothing of repository and access.
    String text =
        String.join(
            "\n",
            index,
            question,
            token.repository().toString(),
            token.access().word(),
            token.header());
    return DigestUtils.sha256Hex(text);
  }

  private Optional<Grant> recall(String key, Predicate<Grant> answers) {
    for (int level = 0; level < levels.size(); level++) {
      Optional<RememberedGrant> found =
          levels
              .get(level)
              .find(key)
              .filter(entry -> entry.key().equals(key))
              .map(CacheEntry::value)
              .filter(RememberedGrant.class::isInstance)
              .map(RememberedGrant.class::cast)
              .filter(this::isCurrent)
              .filter(remembered -> answers.test(remembered.grant()));
      if (found.isPresent()) {
        remember(key, found.get(), level);
        return found.map(RememberedGrant::grant);
      }
    }
    return Optional.empty();
  }

  // An entry that expires too late was written with other settings or by another clock.
  private boolean isCurrent(RememberedGrant remembered) {
    Instant now = clock.instant();
    return now.isBefore(remembered.until()) && !remembered.until().isAfter(now.plus(ttl));
  }

  private void remember(String key, RememberedGrant remembered, int before) {
    CacheEntry<RememberedGrant> entry = new CacheEntry<>(key, remembered);
    levels.subList(0, before).forEach(level -> level.remember(entry));
  }
}
