package io.registry.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.repository.RepositoryName;
import io.registry.testkit.InMemoryBlobStorage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Changes that end in another epoch than they began in. */
class ChangeBetweenEpochsTest {
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final RepositoryName NAME = new RepositoryName("foo", "bar");

  private final SimulatedClock clock = new SimulatedClock();
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final AtomicInteger reads = new AtomicInteger();
  private final RepositoryEntries entries = entries();
  private final CacheLease lease = lease(entries);
  private final RepositoryCache cache = cache(lease, entries);

  private RepositoryEntries entries() {
    return new MemoryRepositoryEntries(Duration.ofHours(1), DataSize.ofMegabytes(1), clock);
  }

  private CacheLease lease(RepositoryEntries remembering) {
    return new CacheLease(new EpochLog(storage), remembering, clock, LEASE);
  }

  private static RepositoryCache cache(CacheLease lease, RepositoryEntries entries) {
    return new RepositoryCache(lease, entries, new CacheMeters(new SimpleMeterRegistry()));
  }

  @Test
  void aRepositoryIsRememberedAgainWhenItsEpochEndedDuringAChange() {
    RepositoryEntries elsewhere = entries();
    RepositoryCache other = cache(lease(elsewhere), elsewhere);
    becomeHolder();
    assertThat(isRemembered()).isTrue();

    cache.run(
        NAME,
        () -> {
          assertThat(isRemembered()).isFalse();
          other.run(NAME, () -> assertThat(isRemembered()).isFalse());
        });

    becomeHolder();
    assertThat(isRemembered()).isTrue();
  }

  private void becomeHolder() {
    for (int i = 0; i < 100; i++) {
      // Whoever does not use a lease does not renew it.
      Optional<Epoch> unused = lease.usable();
      clock.pass(LEASE.dividedBy(4));
      lease.renew();
    }
  }

  private boolean isRemembered() {
    read();
    int before = reads.get();
    read();
    return reads.get() == before;
  }

  private void read() {
    assertThat(
            cache.get(
                NAME,
                RepositoryParts.IMAGE_LIST,
                () -> {
                  reads.incrementAndGet();
                  return Optional.of("[]".getBytes(StandardCharsets.UTF_8));
                }))
        .isPresent();
  }
}
