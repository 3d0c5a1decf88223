package io.registry.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.storage.StorageException.Reason;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumingInputStreamTest {
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");
  private static final int ATTEMPTS = 3;

  private final byte[] bytes = random(300_000);
  private final Store store = new Store();

  @Test
  void aWholeStreamIsReadOnce() throws IOException {
    try (InputStream in = store.stream(bytes.length)) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
    assertThat(store.opened).isEqualTo(1);
    assertThat(store.open).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStreamThatBreaksIsResumedWhereItStopped(boolean silently) throws IOException {
    store.silently = silently;
    store.breaksAfter.addAll(List.of(1, 70_000, 0, 100_000));

    try (InputStream in = store.stream(bytes.length)) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
    assertThat(store.opened).isEqualTo(5);
    assertThat(store.open).isZero();
  }

  @Test
  void aStoreThatIsAwayForAMomentIsAskedAgain() throws IOException {
    store.breaksAfter.add(10);
    store.refusals = ATTEMPTS - 1;

    try (InputStream in = store.stream(bytes.length)) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void aStoreThatStaysAwayEndsInAFailureAndNotInAnEnd() throws IOException {
    store.breaksAfter.add(10);
    store.refusals = Integer.MAX_VALUE;

    try (InputStream in = store.stream(bytes.length)) {
      assertThat(in.readNBytes(10)).isEqualTo(Arrays.copyOf(bytes, 10));
      assertThatExceptionOfType(StorageException.class).isThrownBy(in::read);
    }
    assertThat(store.opened).isEqualTo(1 + ATTEMPTS);
  }

  @Test
  void aStoreThatSendsAByteAtATimeIsGivenUp() throws IOException {
    for (int i = 0; i < 100; i++) {
      store.breaksAfter.add(1);
    }

    try (InputStream in = store.stream(bytes.length)) {
      assertThatExceptionOfType(StorageException.class).isThrownBy(in::readAllBytes);
    }
    assertThat(store.opened).isLessThan(10);
  }

  @Test
  void aBlobThatWasReplacedIsNotMixedWithTheNewOne() throws IOException {
    store.breaksAfter.add(10);
    store.replaced = true;

    try (InputStream in = store.stream(bytes.length)) {
      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(in::readAllBytes)
          .withMessageContaining("replaced");
    }
    assertThat(store.opened).isEqualTo(2);
  }

  @Test
  void bytesBeyondTheAnnouncedLengthAreNotRead() throws IOException {
    try (InputStream in = store.stream(1000)) {
      assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOf(bytes, 1000));
    }
  }

  @Test
  void nothingIsReadOfAnEmptyStream() throws IOException {
    try (InputStream in = store.stream(0)) {
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.read(new byte[0])).isZero();
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private final class Store implements ResumingInputStream.Source {
    private final Deque<Integer> breaksAfter = new ArrayDeque<>();
    private boolean silently;
    private boolean replaced;
    private int refusals;
    private int opened;
    private int open;

    InputStream stream(long length) throws IOException {
      return new ResumingInputStream(KEY, openFrom(0), length, ATTEMPTS, this);
    }

    @Override
    public InputStream openFrom(long position) throws IOException {
      opened++;
      if (opened > 1 && replaced) {
        throw failure(new IOException("it was replaced"));
      }
      if (opened > 1 && refusals > 0) {
        refusals--;
        throw new IOException("refused");
      }
      open++;
      int end =
          breaksAfter.isEmpty()
              ? bytes.length
              : Math.min(bytes.length, (int) position + breaksAfter.remove());
      return new Breaking(Arrays.copyOfRange(bytes, (int) position, end), end < bytes.length);
    }

    @Override
    public StorageException failure(IOException cause) {
      return new StorageException(Reason.UNAVAILABLE, "test", "read", KEY, cause);
    }
  }

  private final class Breaking extends FilterInputStream {
    private final boolean breaks;
    private boolean closed;

    Breaking(byte[] content, boolean breaks) {
      super(new ByteArrayInputStream(content));
      this.breaks = breaks;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = super.read(target, offset, length);
      if (count < 0 && breaks && !store.silently) {
        throw new IOException("reset");
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        store.open--;
      }
      super.close();
    }
  }
}
