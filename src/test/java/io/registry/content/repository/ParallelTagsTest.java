package io.registry.content.repository;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.StoredImages;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A long list of tags is read with one list and many reads at once, but not with any number. */
class ParallelTagsTest {
  private static final RepositoryName NAME = new RepositoryName("foo", "many");
  private static final BlobKey FOLDER = BlobKey.of("repositories", "foo", "many");
  private static final String ID = TestImage.id("many");
  private static final int THREADS = 64;

  private final Meeting storage = new Meeting();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final Tags tags =
      new Repositories(
              storage,
              new StoredImages(storage, new JsonCodec()),
              new JsonCodec(),
              Clock.systemUTC(),
              threads,
              new UnheardChanges(),
              RepositoryEvents.UNHEARD,
              TagRule.NONE,
              TrashProperties.OFF)
          .tags();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  void tenThousandTagsAreReadByAllThreadsAtOnce() {
    tag(10_000);
    storage.together = Optional.of(new CyclicBarrier(THREADS));

    assertThat(tags.list(NAME).orElse(Map.of())).hasSize(10_000);

    assertThat(storage.lists).hasValue(1);
    assertThat(storage.reads).hasValue(10_000);
    assertThat(storage.most).hasValue(THREADS);
  }

  @Test
  void aHundredTagsAreReadAtOnceToo() {
    tag(100);
    storage.together = Optional.of(new CyclicBarrier(20));

    assertThat(tags.list(NAME).orElse(Map.of())).hasSize(100);

    assertThat(storage.lists).hasValue(1);
    assertThat(storage.reads).hasValue(100);
  }

  @Test
  void metadataIsNotReadForAList() {
    tag(2);
    storage.write(FOLDER.child("tag1_json"), "{}".getBytes(US_ASCII));
    storage.write(FOLDER.child("_index_images"), "[]".getBytes(US_ASCII));

    assertThat(tags.list(NAME).orElse(Map.of())).hasSize(2);

    assertThat(storage.reads).hasValue(2);
  }

  private void tag(int count) {
    for (int i = 0; i < count; i++) {
      storage.write(FOLDER.child("tag_" + i), ID.getBytes(US_ASCII));
    }
  }

  /** A store whose first readers wait until they are so many. */
  private static final class Meeting extends InMemoryBlobStorage {
    private final AtomicInteger lists = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private volatile Optional<CyclicBarrier> together = Optional.empty();

    @Override
    public Optional<Blob> open(BlobKey key, ByteRange range) {
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      int number = reads.incrementAndGet();
      together
          .filter(barrier -> number <= barrier.getParties())
          .ifPresent(
              barrier -> {
                try {
                  barrier.await(60, TimeUnit.SECONDS);
                } catch (Exception e) {
                  throw new AssertionError("the readers do not come at the same time", e);
                }
              });
      try {
        return super.open(key, range);
      } finally {
        inside.decrementAndGet();
      }
    }

    @Override
    public Stream<BlobEntry> list(BlobKey prefix) {
      lists.incrementAndGet();
      return super.list(prefix);
    }
  }
}
