package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import io.registry.testkit.SimulatedClock;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class MemoryRepositoryEntriesTest extends RepositoryEntriesContract {
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final DataSize MEMORY = DataSize.ofMegabytes(1);

  private final SimulatedClock clock = new SimulatedClock();
  private final MemoryRepositoryEntries entries = new MemoryRepositoryEntries(TTL, MEMORY, clock);

  @Override
  RepositoryEntries entries(int process) {
    return entries;
  }

  @Override
  void lose(RandomGenerator random) {
    entries.memory().invalidateAll();
  }

  @Test
  void nothingIsRememberedForLongerThanItMay() {
    entries.remember(epoch, REPOSITORY, token(epoch, entries), LATEST, NEW);
    clock.pass(TTL.minusNanos(1));
    assertThat(entries.find(epoch, REPOSITORY, LATEST).value()).contains(NEW);

    clock.pass(Duration.ofNanos(1));
    assertThat(entries.find(epoch, REPOSITORY, LATEST).value()).isEmpty();
  }

  @Test
  void aChangeThatNeverEndsHindersForAWhileOnly() {
    assertThat(entries.block(epoch, REPOSITORY, "change")).isTrue();
    clock.pass(RepositoryEntries.LONGEST_CHANGE.minusNanos(1));
    assertThat(entries.find(epoch, REPOSITORY, LATEST)).isEqualTo(RepositoryEntries.Recall.none());

    clock.pass(Duration.ofNanos(1));
    assertThat(entries.find(epoch, REPOSITORY, LATEST).token()).isPresent();
  }

  @Test
  void whatIsRememberedTakesNoMoreRoomThanItMay() {
    byte[] list = new byte[10_000];
    String token = token(epoch, entries);
    for (int i = 0; i < 1000; i++) {
      CachePart<byte[]> part =
          new CachePart<>("part" + i, "parts", RepositoryParts.IMAGE_LIST.codec());
      entries.remember(epoch, REPOSITORY, token, part, list);
    }

    Cache<?, ?> memory = entries.memory();
    memory.cleanUp();
    assertThat(memory.asMap().size()).isBetween(50, 104);
    assertThat(memory.policy().eviction().orElseThrow().weightedSize().orElseThrow())
        .isLessThanOrEqualTo(MEMORY.toBytes());
  }

  @Test
  void twoProcessesAreTwoHolders() {
    assertThat(new MemoryRepositoryEntries(TTL, MEMORY, clock).holder())
        .isNotEqualTo(entries.holder());
  }
}
