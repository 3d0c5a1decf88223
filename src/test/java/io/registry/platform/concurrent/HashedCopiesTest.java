package io.registry.platform.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.input.BrokenInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashedCopiesTest {
  private static final int SMALL = 64 * 1024;
  private static final int FIRST = 1024 * 1024;
  private static final int LARGE = 256 * 1024;

  private final HashedCopies copies = new HashedCopies();

  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        SMALL - 1,
        SMALL,
        SMALL + 1,
        FIRST + LARGE - 1,
        FIRST,
        FIRST + LARGE,
        FIRST + LARGE + 1,
        FIRST + 2 * LARGE,
        FIRST + 3 * LARGE + 5,
        10_000_000
      })
  void copiesAndHashesEachByteOnce(int size) throws IOException {
    byte[] bytes = random(size);

    check(bytes, new ByteArrayInputStream(bytes));
  }

  /** Each block is hashed only when the copy waits for that. */
  @Test
  void noBlockIsFilledAgainBeforeItIsHashed() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism(); i++) {
      ForkJoinPool.commonPool().execute(() -> awaitUninterruptibly(end));
    }
    try {
      byte[] bytes = random(5_000_000);

      check(bytes, new ByteArrayInputStream(bytes));
    } finally {
      end.countDown();
    }
  }

  @Test
  void aClientThatBecomesSlowAndFastAgainLosesNothing() throws IOException {
    byte[] bytes = random(4_000_000);

    check(
        bytes,
        new SequenceInputStream(
            new ByteArrayInputStream(bytes, 0, 1_500_000),
            new SequenceInputStream(
                new SlowStream(new ByteArrayInputStream(bytes, 1_500_000, 300_000)),
                new ByteArrayInputStream(bytes, 1_800_000, 2_200_000))));
  }

  @Test
  void updatesEachOfSeveralHashes() throws IOException {
    byte[] bytes = random(3_000_000);
    MessageDigest one = DigestUtils.getSha256Digest();
    MessageDigest other = DigestUtils.getSha512Digest();

    copies.copy(
        new ByteArrayInputStream(bytes), OutputStream.nullOutputStream(), List.of(one, other));

    assertThat(one.digest()).isEqualTo(DigestUtils.sha256(bytes));
    assertThat(other.digest()).isEqualTo(DigestUtils.sha512(bytes));
  }

  /** Only some of them get large blocks. */
  @Test
  void manyCopiesAtOnceLoseNothing() throws Exception {
    int clients = 5 * Runtime.getRuntime().availableProcessors();
    ExecutorService executor = Executors.newFixedThreadPool(clients);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        byte[] bytes = random(3_000_000 + i);
        all.add(
            executor.submit(
                () -> {
                  check(bytes, new ByteArrayInputStream(bytes));
                  return true;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void failsAsTheStreamFails() {
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(random(3_000_000)),
            new BrokenInputStream(() -> new IOException("the client is gone")));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                copies.copy(
                    broken,
                    OutputStream.nullOutputStream(),
                    List.of(DigestUtils.getSha256Digest())))
        .withMessage("the client is gone");
  }

  private void check(byte[] bytes, InputStream in) throws IOException {
    MessageDigest hash = DigestUtils.getSha256Digest();
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    long count = copies.copy(in, out, List.of(hash));

    assertThat(count).isEqualTo(bytes.length);
    assertThat(out.toByteArray()).isEqualTo(bytes);
    assertThat(hash.digest()).isEqualTo(DigestUtils.sha256(bytes));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Delivers 32 KiB each 5 milliseconds. */
  private static final class SlowStream extends InputStream {
    private final InputStream in;

    SlowStream(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      LockSupport.parkNanos(5_000_000);
      return in.read(bytes, offset, Math.min(length, 32 * 1024));
    }
  }
}
