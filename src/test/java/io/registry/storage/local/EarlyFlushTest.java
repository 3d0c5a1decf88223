package io.registry.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobWriter;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A layer reaches the disk while it comes in, and none that did not is published. */
class EarlyFlushTest {
  private static final BlobKey KEY = BlobKey.of("images", "a", "layer");
  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private final Flushes flushes = new Flushes();
  private final AtomicInteger published = new AtomicInteger();

  @AfterEach
  void stop() {
    flushes.shutdownNow();
  }

  @Test
  void flushesWhileMuchIsWritten() throws IOException {
    try (BlobWriter writer = writer()) {
      write(writer, 40);

      assertThat(writer.commit()).isTrue();
    }

    assertThat(flushes.asked).hasPositiveValue();
    assertThat(published).hasValue(1);
  }

  @Test
  void leavesWhatIsSmallToTheLastFlush() throws IOException {
    try (BlobWriter writer = writer()) {
      write(writer, 7);

      assertThat(writer.commit()).isTrue();
    }

    assertThat(flushes.asked).hasValue(0);
  }

  @Test
  void publishesNothingThatTheDiskHasLost() throws IOException {
    flushes.fail = true;
    try (BlobWriter writer = writer()) {
      write(writer, 8);

      assertThatThrownBy(writer::commit)
          .isInstanceOf(StorageException.class)
          .hasRootCauseMessage("Input/output error");
    }

    assertThat(published).hasValue(0);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void breaksOffAnUploadThatTheDiskHasLost() throws IOException {
    flushes.fail = true;
    try (BlobWriter writer = writer()) {
      write(writer, 8);
      flushes.shutdown();
      assertThat(awaitFlushes()).isTrue();

      assertThatThrownBy(() -> write(writer, 8)).isInstanceOf(StorageException.class);
    }
  }

  private boolean awaitFlushes() {
    try {
      return flushes.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private BlobWriter writer() throws IOException {
    return new LocalBlobWriter(
        (temporary, key) -> {
          published.incrementAndGet();
          return true;
        },
        KEY,
        directory.resolve("1"),
        flushes,
        true);
  }

  private static void write(BlobWriter writer, int mebibytes) {
    byte[] part = new byte[MIB];
    for (int i = 0; i < mebibytes; i++) {
      writer.write(part, 0, part.length);
    }
  }

  /** Counts the flushes, and lets them fail like a broken disk. */
  private static final class Flushes extends ThreadPoolExecutor {
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean fail;

    Flushes() {
      super(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Callable<T> flush) {
      asked.incrementAndGet();
      return super.newTaskFor(
          () -> {
            if (fail) {
              throw new IOException("Input/output error");
            }
            return flush.call();
          });
    }
  }
}
