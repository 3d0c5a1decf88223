package io.registry.upstream.mirror;

import com.github.benmanes.caffeine.cache.Weigher;
import java.time.Clock;

/** Creates the caches of the source's answers, by the settings. */
record MirrorMemory(MirrorProperties settings, Clock clock) {

  /**
   * Creates a cache.
   *
   * @param bytes the approximate size of an answer in bytes
   */
  <K, V> AnswerCache<K, V> of(Weigher<K, V> bytes) {
    return new AnswerCache<>(settings, clock, bytes);
  }
}
