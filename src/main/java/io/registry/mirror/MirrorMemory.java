package io.registry.mirror;

import com.github.benmanes.caffeine.cache.Weigher;
import java.time.Clock;

/** Makes memories of what the source told, by the settings. */
record MirrorMemory(MirrorProperties settings, Clock clock) {

  /** A memory; its answers take about so many bytes. */
  <K, V> LastKnown<K, V> of(Weigher<K, V> bytes) {
    return new LastKnown<>(settings, clock, bytes);
  }
}
