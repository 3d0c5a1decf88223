package io.registry.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.platform.trace.TracedPart;
import io.registry.platform.trace.Traces;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.InMemoryBlobStorage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is counted of the calls of a store, how they end, and that each is traced to its end. */
class MeasuredStorageTest {
  private static final BlobKey KEY = BlobKey.of("images", "a", "json");

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final List<String> traced = new ArrayList<>();
  private final Traces traces = new Noted();
  private final BlobStorage storage =
      new MeasuredStorage(new InMemoryBlobStorage(), registry, traces);

  @Test
  void eachCallIsCountedOnceAsWhatItIs() throws IOException {
    storage.write(KEY, new byte[] {1, 2, 3});
    assertThat(storage.writeIfAbsent(KEY, new byte[1])).isFalse();
    try (BlobWriter writer = storage.create(KEY)) {
      writer.write(new byte[] {4, 5});
      assertThat(writer.commit()).isTrue();
    }
    assertThat(storage.read(KEY, 10)).isPresent();
    assertThat(storage.load(KEY, 10)).isPresent();
    assertThat(storage.exists(KEY)).isTrue();
    assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(2);
    assertThat(storage.stat(KEY)).isPresent();
    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow();
        InputStream body = blob.body()) {
      assertThat(body.readAllBytes()).containsExactly(4, 5);
    }
    try (Stream<String> names = storage.names(BlobKey.of("images", "a"))) {
      assertThat(names).containsExactly("json");
    }
    try (Stream<String> folders = storage.folders(BlobKey.of("images"))) {
      assertThat(folders).containsExactly("a");
    }
    storage.probe();
    assertThat(storage.copy(KEY, KEY.child("copy"))).isTrue();
    assertThat(storage.copy(KEY.child("absent"), KEY)).isFalse();
    assertThat(storage.link(KEY, KEY.child("link"))).isEqualTo(LinkResult.UNSUPPORTED);
    assertThat(storage.moveFolder(BlobKey.of("absent"), BlobKey.of("moved"))).isFalse();
    try (BlobWriter writer = storage.createUnsynced(KEY)) {
      writer.write(1);
      writer.commit();
    }
    storage.deleteAllUnsynced(List.of(KEY.child("copy")));
    storage.delete(KEY);

    assertThat(count("write", "not-found")).isEqualTo(1);
    assertThat(count("write", "ok")).isEqualTo(7);
    assertThat(count("read", "ok")).isEqualTo(2);
    assertThat(count("stat", "ok")).isEqualTo(3);
    assertThat(count("open", "ok")).isEqualTo(1);
    assertThat(count("transfer", "ok")).isEqualTo(1);
    assertThat(count("list", "ok")).isEqualTo(2);
    assertThat(count("probe", "ok")).isEqualTo(1);
    assertThat(count("delete", "ok")).isEqualTo(2);
    assertThat(traced).hasSize(20).allMatch(part -> part.endsWith("ended"));
  }

  @Test
  void whatIsNotThereIsNoFailure() {
    assertThat(storage.read(KEY, 1)).isEmpty();
    assertThat(storage.open(KEY, ByteRange.ALL)).isEmpty();
    assertThat(storage.exists(KEY)).isFalse();

    assertThat(count("read", "not-found")).isEqualTo(1);
    assertThat(count("open", "not-found")).isEqualTo(1);
    assertThat(count("stat", "not-found")).isEqualTo(1);
    assertThat(traced).containsOnly("ended");
  }

  @Test
  void aFailureIsCountedByItsReasonAndPassedOn() {
    for (Reason reason : Reason.values()) {
      BlobStorage failing = new MeasuredStorage(new Failing(reason), registry, traces);
      String outcome = reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
      assertThatThrownBy(() -> failing.read(KEY, 1)).isInstanceOf(StorageException.class);
      assertThatThrownBy(() -> failing.write(KEY, new byte[1]))
          .isInstanceOf(StorageException.class);
      assertThatThrownBy(failing::probe).isInstanceOf(StorageException.class);
      assertThatThrownBy(() -> failing.list(KEY).toList()).isInstanceOf(StorageException.class);

      assertThat(count("read", outcome)).isEqualTo(1);
      assertThat(count("write", outcome)).isEqualTo(1);
      assertThat(count("probe", outcome)).isEqualTo(1);
      assertThat(count("read", "ok")).isZero();
    }
    assertThat(traced)
        .hasSize(4 * Reason.values().length)
        .allMatch(part -> part.equals("failed, ended"));
  }

  @Test
  void aFailureInTheMiddleIsCountedToo() throws IOException {
    BlobStorage failing = new MeasuredStorage(new BreakingOff(), registry, traces);
    try (Blob blob = failing.open(KEY, ByteRange.ALL).orElseThrow();
        InputStream body = blob.body()) {
      assertThatThrownBy(body::readAllBytes).isInstanceOf(StorageException.class);
    }
    try (Stream<BlobEntry> entries = failing.list(KEY)) {
      assertThatThrownBy(entries::toList).isInstanceOf(StorageException.class);
    }
    try (BlobWriter writer = failing.create(KEY)) {
      assertThatThrownBy(() -> writer.write(new byte[1])).isInstanceOf(StorageException.class);
    }

    assertThat(count("transfer", "unavailable")).isEqualTo(1);
    assertThat(count("list", "unavailable")).isEqualTo(1);
    assertThat(count("write", "unavailable")).isEqualTo(1);
    assertThat(traced).allMatch(part -> part.endsWith("ended"));
  }

  @Test
  void whatIsGivenUpSaysNothingOfTheStore() throws IOException {
    storage.write(KEY, new byte[1000]);
    try (BlobWriter writer = storage.create(KEY)) {
      writer.write(new byte[1]);
    }
    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      assertThat(blob.body().read()).isZero();
    }

    assertThat(count("write", "ok")).isEqualTo(1);
    assertThat(count("transfer", "ok")).isZero();
    assertThat(traced).containsOnly("ended");
  }

  private double count(String operation, String outcome) {
    Timer timer =
        registry
            .get("registry.storage.calls")
            .tags("operation", operation, "outcome", outcome)
            .timer();
    return timer.count();
  }

  private final class Noted implements Traces {
    @Override
    public TracedPart begin(String name) {
      int place = traced.size();
      traced.add("begun");
      return new TracedPart() {
        @Override
        public void note(String key, String value) {}

        @Override
        public void fail(Throwable failure) {
          traced.set(place, "failed, ");
        }

        @Override
        public Map<String, String> headers() {
          return Map.of();
        }

        @Override
        public void close() {
          assertThat(traced.get(place)).as("ended once").doesNotEndWith("ended");
          traced.set(place, traced.get(place).replace("begun", "") + "ended");
        }
      };
    }

    @Override
    public Map<String, String> headers() {
      return Map.of();
    }

    @Override
    public Runnable carried(Runnable work) {
      return work;
    }
  }

  private static StorageException failure(Reason reason) {
    return new StorageException(reason, "test", "work", KEY, new IOException("on purpose"));
  }

  /** Fails at once. */
  private static class Failing extends InMemoryBlobStorage {
    private final Reason reason;

    Failing(Reason reason) {
      this.reason = reason;
    }

    @Override
    public Optional<Blob> open(BlobKey key, ByteRange range) {
      throw failure(reason);
    }

    @Override
    public BlobWriter create(BlobKey key) {
      throw failure(reason);
    }

    @Override
    public Stream<BlobEntry> list(BlobKey prefix) {
      throw failure(reason);
    }

    @Override
    public void probe() {
      throw failure(reason);
    }
  }

  /** Fails after it has begun. */
  private static final class BreakingOff extends InMemoryBlobStorage {
    @Override
    public Optional<Blob> open(BlobKey key, ByteRange range) {
      return Optional.of(
          new StreamedBlob(
              new BlobInfo(10, "v"),
              range,
              new InputStream() {
                @Override
                public int read() {
                  throw failure(Reason.UNAVAILABLE);
                }

                @Override
                public int read(byte[] bytes, int offset, int length) {
                  throw failure(Reason.UNAVAILABLE);
                }
              }));
    }

    @Override
    public BlobWriter create(BlobKey key) {
      return new BlobWriter() {
        @Override
        public void write(byte[] bytes, int offset, int length) {
          throw failure(Reason.UNAVAILABLE);
        }

        @Override
        public boolean commit() {
          return false;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public Stream<BlobEntry> list(BlobKey prefix) {
      return Stream.generate(
          () -> {
            throw failure(Reason.UNAVAILABLE);
          });
    }
  }
}
