package io.registry.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Weigher;
import io.registry.cache.SingleFlight;
import io.registry.repository.MaybeStale;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the source told last. It is asked again after a while, and when it does not answer then,
 * what it told last is told again for a longer while.
 *
 * @param <K> what it is asked about
 * @param <V> what it tells
 */
final class LastKnown<K, V> {
  private static final long MAX_BYTES = 32L * 1024 * 1024;

  /** That there is none is asked again soon: it may just be coming. */
  private static final Duration ABSENT_FOR = Duration.ofSeconds(5);

  private final Clock clock;
  private final Duration fresh;
  private final Duration kept;
  private final Duration rest;
  private final Cache<K, Told<V>> memory;
  private final SingleFlight<K, MaybeStale<V>> singleFlight = new SingleFlight<>();

  /**
   * A memory.
   *
   * @param settings how long things are remembered
   * @param clock tells the time
   * @param bytes about how many of them an answer takes
   */
  LastKnown(MirrorProperties settings, Clock clock, Weigher<K, V> bytes) {
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
   * An answer.
   *
   * @param value what it was, if the source had anything
   * @param since when it was given
   * @param until until when the source is not asked again
   * @param isStale whether the source was asked again since, and did not answer
   */
  private record Told<V>(Optional<V> value, Instant since, Instant until, boolean isStale) {}

  /**
   * What the source says.
   *
   * @param key what it is asked about
   * @param ask asks it; throws a {@link SourceFailure} when it does not answer
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
    } catch (SourceFailure e) {
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
