package io.registry.upstream.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Weigher;
import io.registry.content.repository.MaybeStale;
import io.registry.platform.client.CallFailure;
import io.registry.platform.concurrent.SingleFlight;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Caches answers of the source. After a while the source is asked again; if it does not answer
 * then, the cached answer is used for a longer while.
 *
 * @param <K> the type of the questions
 * @param <V> the type of the answers
 */
final class AnswerCache<K, V> {
  private static final long MAX_BYTES = 32L * 1024 * 1024;

  /** How long the absence of a thing is cached; short, because it may be pushed at any moment. */
  private static final Duration ABSENT_FOR = Duration.ofSeconds(5);

  private final Clock clock;
  private final Duration fresh;
  private final Duration kept;
  private final Duration rest;
  private final Cache<K, Told<V>> memory;
  private final SingleFlight<K, MaybeStale<V>> singleFlight = new SingleFlight<>();

  /**
   * Creates a cache.
   *
   * @param settings how long answers are cached
   * @param clock the time
   * @param bytes the approximate size of an answer in bytes
   */
  AnswerCache(MirrorProperties settings, Clock clock, Weigher<K, V> bytes) {
    this.clock = clock;
    this.fresh = settings.tagsTtl();
    this.kept = settings.lastKnown();
    this.rest = settings.rest();
    this.memory =
        Caffeine.newBuilder()
            .maximumWeight(MAX_BYTES)
            .weigher(
                (K key, Told<V> told) ->
                    told.value().map(value -> bytes.weigh(key, value)).orElse(0) + 200)
            .build();
  }

  /**
   * A cached answer.
   *
   * @param value the answer; empty when the source does not have the thing
   * @param since when the source gave it
   * @param until until when the source is not asked again
   * @param isStale whether the source was asked again later and did not answer
   */
  private record Told<V>(Optional<V> value, Instant since, Instant until, boolean isStale) {}

  /**
   * Gets an answer, from the cache or from the source.
   *
   * @param key the question
   * @param ask asks the source; throws a {@link CallFailure} when it does not answer
   */
  MaybeStale<V> get(K key, Supplier<Optional<V>> ask) {
    return singleFlight.get(key, () -> remembered(key), () -> load(key, ask));
  }

  private Optional<MaybeStale<V>> remembered(K key) {
    return Optional.ofNullable(memory.getIfPresent(key))
        .filter(told -> clock.instant().isBefore(told.until()))
        .map(told -> new MaybeStale<>(told.value(), told.isStale()));
  }

  private MaybeStale<V> load(K key, Supplier<Optional<V>> ask) {
    Instant now = clock.instant();
    Told<V> told;
    try {
      Optional<V> value = ask.get();
      Duration time = value.isPresent() || fresh.compareTo(ABSENT_FOR) < 0 ? fresh : ABSENT_FOR;
      told = new Told<>(value, now, now.plus(time), false);
    } catch (CallFailure e) {
      Optional<Told<V>> last =
          Optional.ofNullable(memory.getIfPresent(key))
              .filter(before -> now.isBefore(before.since().plus(fresh).plus(kept)));
      told =
          new Told<>(
              last.flatMap(Told::value), last.map(Told::since).orElse(now), now.plus(rest), true);
    }
    memory.put(key, told);
    return new MaybeStale<>(told.value(), told.isStale());
  }
}
