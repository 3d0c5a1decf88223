package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.content.image.ImageFinding;
import io.registry.content.image.ImageId;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.SimulatedClock;
import io.registry.testkit.TestImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImageMemoryTest {
  private static final Duration LEASE = Duration.ofSeconds(1);
  private static final Duration WAIT = Duration.ofMillis(1250);
  private static final ImageId IMAGE = new ImageId(TestImage.id("image"));

  private final SimulatedClock clock = new SimulatedClock();
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final CacheLease lease = lease();
  private final Level near = new Level();
  private final Level far = new Level();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ImageMemory<String> memory = memory(lease, near, far);
  private int loads;

  private CacheLease lease() {
    return new CacheLease(storage, new NoRepositoryEntries(), clock, LEASE);
  }

  private ImageMemory<String> memory(CacheLease from, CacheLevel... levels) {
    return new ImageMemory<>("things", from, List.of(levels), new CacheMeters(meters));
  }

  /** A place that counts how often it is asked. */
  private static final class Level implements CacheLevel {
    private final Map<String, CacheEntry<?>> entries = new HashMap<>();
    private int finds;

    @Override
    public Optional<CacheEntry<?>> find(String key) {
      finds++;
      return Optional.ofNullable(entries.get(key));
    }

    @Override
    public void remember(CacheEntry<?> entry) {
      entries.put(entry.key(), entry);
    }
  }

  @BeforeEach
  void begin() {
    begin(lease);
  }

  private void begin(CacheLease which) {
    which.usable();
    which.renew();
    for (Duration passed = Duration.ZERO;
        passed.compareTo(WAIT) < 0;
        passed = passed.plus(LEASE.dividedBy(4))) {
      clock.pass(LEASE.dividedBy(4));
      which.renew();
    }
  }

  private String get(ImageMemory<String> from) {
    return get(from, "whole");
  }

  private String get(ImageMemory<String> from, String value) {
    return from.get(
        IMAGE,
        () -> {
          loads++;
          return new ImageFinding<>(value, value.equals("whole"));
        },
        () -> {
          loads++;
          return value;
        });
  }

  @Test
  void whatIsRememberedIsNotLoadedAgain() {
    assertThat(get(memory)).isEqualTo("whole");
    assertThat(get(memory)).isEqualTo("whole");
    assertThat(memory.find(IMAGE)).contains("whole");

    assertThat(loads).isEqualTo(1);
    assertThat(meters.counter("registry.cache.gets", "cache", "things", "result", "hit").count())
        .isEqualTo(1);
    assertThat(meters.counter("registry.cache.gets", "cache", "things", "result", "miss").count())
        .isEqualTo(1);
    assertThat(meters.timer("registry.cache.load", "cache", "things").count()).isEqualTo(1);
  }

  @Test
  void whatMayChangeIsNotRemembered() {
    assertThat(get(memory, "half")).isEqualTo("half");
    assertThat(get(memory, "half")).isEqualTo("half");

    assertThat(loads).isEqualTo(2);
    assertThat(near.entries).isEmpty();
    assertThat(far.entries).isEmpty();
  }

  @Test
  void theFarPlaceIsAskedOnceAndTellsOtherProcesses() {
    assertThat(get(memory)).isEqualTo("whole");
    Level otherNear = new Level();
    CacheLease otherLease = lease();
    begin(otherLease);
    ImageMemory<String> other = memory(otherLease, otherNear, far);
    far.finds = 0;

    for (int i = 0; i < 5; i++) {
      assertThat(get(other)).isEqualTo("whole");
    }
    assertThat(loads).isEqualTo(1);
    assertThat(far.finds).isEqualTo(1);
  }

  @Test
  void withoutALeaseNothingIsToldFromMemory() {
    assertThat(get(memory)).isEqualTo("whole");
    lease.close();

    assertThat(memory.find(IMAGE)).isEmpty();
    assertThat(get(memory)).isEqualTo("whole");
    assertThat(loads).isEqualTo(2);
  }

  @Test
  void afterTheEndOfAnEpochAllIsReadAgain() {
    assertThat(get(memory)).isEqualTo("whole");
    lease.forget();
    begin();

    assertThat(memory.find(IMAGE)).isEmpty();
    assertThat(get(memory)).isEqualTo("whole");
    assertThat(loads).isEqualTo(2);
  }

  @Test
  void whatWasReadBeforeTheEndOfAnEpochIsNotToldAfterIt() {
    List<String> read = new ArrayList<>();
    read.add(
        memory.get(
            IMAGE,
            () -> {
              lease.forget();
              begin();
              return new ImageFinding<>("whole", true);
            },
            () -> "whole"));

    assertThat(read).containsExactly("whole");
    assertThat(memory.find(IMAGE)).isEmpty();
  }

  @Test
  void anEntryUnderTheKeyOfAnotherIsAMiss() {
    assertThat(get(memory)).isEqualTo("whole");
    String key = near.entries.keySet().iterator().next();
    near.entries.put(key, new CacheEntry<>("another", "poison"));
    far.entries.put(key, new CacheEntry<>("another", "poison"));

    assertThat(get(memory)).isEqualTo("whole");
    assertThat(loads).isEqualTo(2);
  }
}
