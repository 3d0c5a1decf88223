package io.registry.features.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageException;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.SimulatedClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/**
 * What becomes of changes that fail, of those that cannot be announced, and of those that end in
 * another epoch than they began in.
 */
class RepositoryCacheTest {
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final RepositoryName NAME = new RepositoryName("foo", "bar");

  private final SimulatedClock clock = new SimulatedClock();
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final Announced entries = new Announced(memory());
  private final CacheLease lease = lease(entries);
  private final RepositoryCache cache = cache(lease, entries);
  private int reads;

  private RepositoryEntries memory() {
    return new MemoryRepositoryEntries(Duration.ofHours(1), DataSize.ofMegabytes(1), clock);
  }

  private CacheLease lease(RepositoryEntries remembering) {
    return new CacheLease(storage, remembering, clock, LEASE);
  }

  private static RepositoryCache cache(CacheLease lease, RepositoryEntries entries) {
    return new RepositoryCache(lease, entries, new CacheMeters(new SimpleMeterRegistry()));
  }

  /** Entries that can refuse what they are told, although they seem to be in reach. */
  private static final class Announced implements RepositoryEntries {
    private final RepositoryEntries entries;
    private boolean deaf;
    private int refused;

    Announced(RepositoryEntries entries) {
      this.entries = entries;
    }

    @Override
    public Optional<String> holder() {
      return entries.holder();
    }

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public boolean recover() {
      return true;
    }

    @Override
    public <V> Recall<V> find(Epoch epoch, RepositoryName repository, CachePart<V> part) {
      return entries.find(epoch, repository, part);
    }

    @Override
    public <V> void remember(
        Epoch epoch, RepositoryName repository, String token, CachePart<V> part, V value) {
      entries.remember(epoch, repository, token, part, value);
    }

    @Override
    public boolean block(Epoch epoch, RepositoryName repository, String change) {
      refused += deaf ? 1 : 0;
      return entries.block(epoch, repository, change) && !deaf;
    }

    @Override
    public boolean unblock(Epoch epoch, RepositoryName repository, String change) {
      refused += deaf ? 1 : 0;
      return entries.unblock(epoch, repository, change) && !deaf;
    }
  }

  @BeforeEach
  void begin() {
    becomeHolder();
    assertThat(isRemembered()).isTrue();
  }

  private void becomeHolder() {
    for (int i = 0; i < 100; i++) {
      // Whoever does not use a lease does not renew it.
      lease.usable();
      clock.pass(LEASE.dividedBy(4));
      lease.renew();
    }
  }

  private boolean isRemembered() {
    read();
    int before = reads;
    read();
    return reads == before;
  }

  private void read() {
    assertThat(
            cache.get(
                NAME,
                RepositoryParts.IMAGE_LIST,
                () -> {
                  reads++;
                  return Optional.of("[]".getBytes(UTF_8));
                }))
        .isPresent();
  }

  @Test
  void afterAChangeItIsRememberedAgain() {
    assertThat(cache.call(NAME, () -> "done")).isEqualTo("done");

    assertThat(isRemembered()).isTrue();
  }

  @Test
  void afterAChangeThatWasRefusedItIsRememberedAgain() {
    RegistryException refusal = new RegistryException(Problem.TOO_LARGE, "too long");
    assertThatThrownBy(
            () ->
                cache.run(
                    NAME,
                    () -> {
                      throw refusal;
                    }))
        .isSameAs(refusal);

    assertThat(isRemembered()).isTrue();
  }

  @Test
  void whileItIsUnknownWhatBecameOfAChangeNothingIsRemembered() {
    StorageException failure =
        new StorageException(
            StorageException.Reason.UNAVAILABLE,
            "store",
            "write",
            BlobKey.of("tag"),
            new IOException("timed out"));
    assertThatThrownBy(
            () ->
                cache.run(
                    NAME,
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(isRemembered()).isFalse();
    cache.run(NAME, () -> {});
    assertThat(isRemembered()).as("the first one may still arrive").isFalse();

    clock.pass(RepositoryEntries.LONGEST_CHANGE);
    lease.renew();
    assertThat(isRemembered()).isTrue();
  }

  @Test
  void aRepositoryIsRememberedAgainWhenItsEpochEndedDuringAChange() {
    RepositoryEntries elsewhere = memory();
    RepositoryCache other = cache(lease(elsewhere), elsewhere);

    cache.run(
        NAME,
        () -> {
          assertThat(isRemembered()).isFalse();
          other.run(NAME, () -> assertThat(isRemembered()).isFalse());
        });

    becomeHolder();
    assertThat(isRemembered()).isTrue();
  }

  @Test
  void whoIsReachedAndRefusesAllTheSameIsTriedTwice() {
    entries.deaf = true;
    assertThat(cache.call(NAME, () -> "done")).isEqualTo("done");

    // Twice before the change, and once each in the epoch that nobody holds.
    assertThat(entries.refused).isEqualTo(4);
    assertThat(lease.settled().holder()).isEmpty();
  }
}
