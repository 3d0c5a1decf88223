package io.registry.content.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.content.image.ContentFiles;
import io.registry.content.image.ImageId;
import io.registry.content.image.StoredImages;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the work for an image ends. */
class DiffWorkerTest {
  private static final TestImage PARENT = TestImage.of("parent", "", TestLayer.of("a"));
  private static final TestImage IMAGE = TestImage.of("image", PARENT.id(), TestLayer.of("a", "b"));

  private final BrokenStorage storage = new BrokenStorage(new InMemoryBlobStorage());
  private final WatchedQueue queue = new WatchedQueue();
  private final DiffWorker worker = worker();

  private DiffWorker worker() {
    JsonCodec codec = new JsonCodec();
    ContentsMeters meters = new ContentsMeters(new SimpleMeterRegistry());
    StoredImages images = new StoredImages(storage, codec);
    StoredDocuments documents = new StoredDocuments(new ContentFiles(storage), codec);
    Listings listings =
        new Listings(
            images,
            documents,
            new LayerFiles(codec, Clock.systemUTC(), LayerArchives.LIMITS),
            meters);
    return new DiffWorker(
        queue, images, documents, new LayerDiffs(images, listings, documents, codec), meters, 1);
  }

  @AfterEach
  void stop() {
    worker.stop();
  }

  private static BlobKey file(TestImage image, String name) {
    return BlobKey.of("images", image.id(), name);
  }

  private void store(TestImage image) {
    storage.write(file(image, "json"), image.json());
    storage.write(file(image, "layer"), image.layer());
  }

  private String endOf(TestImage image) throws InterruptedException {
    worker.start();
    queue.add(new ImageId(image.id()));
    return Optional.ofNullable(queue.ends.poll(20, TimeUnit.SECONDS)).orElse("none");
  }

  @Test
  void whatIsStoredIsDone() throws InterruptedException {
    store(PARENT);
    store(IMAGE);
    assertThat(endOf(IMAGE)).isEqualTo("done");
    assertThat(new String(storage.read(file(IMAGE, "_diff"), 10_000).orElseThrow(), UTF_8))
        .startsWith("{\"deleted\": {}, \"changed\": {\"a\": ")
        .contains("\"created\": {\"b\": ");
    assertThat(storage.exists(file(PARENT, "_files"))).isTrue();
    assertThat(storage.openBlobs()).isZero();
  }

  @Test
  void whatIsThereAlreadyIsNotDoneAgain() throws InterruptedException {
    store(IMAGE);
    storage.write(file(IMAGE, "_diff"), "{}".getBytes(UTF_8));
    assertThat(endOf(IMAGE)).isEqualTo("done");
    assertThat(storage.exists(file(IMAGE, "_files"))).isFalse();
  }

  @Test
  void anImageThatIsGoneIsDone() throws InterruptedException {
    assertThat(endOf(IMAGE)).isEqualTo("done");
  }

  @Test
  void anImageOnALayerThatIsNoArchiveIsGivenUp() throws InterruptedException {
    store(PARENT.withLayer("garbage".getBytes(UTF_8)));
    store(IMAGE);
    assertThat(endOf(IMAGE)).isEqualTo("refused: Layer format not supported");
    assertThat(storage.exists(file(IMAGE, "_diff"))).isFalse();
  }

  @Test
  void anImageOnOneThatIsNotFinishedIsTriedAgain() throws InterruptedException {
    store(PARENT);
    store(IMAGE);
    storage.write(file(PARENT, "_inprogress"), new byte[0]);
    assertThat(endOf(IMAGE)).isEqualTo("retry");
  }

  @Test
  void aStoreThatFailsIsTriedAgain() throws InterruptedException {
    store(PARENT);
    store(IMAGE);
    storage.fail(Reason.UNAVAILABLE, Verb.READ, "layer");
    assertThat(endOf(IMAGE)).isEqualTo("retry");
    storage.fail(Reason.FULL, Verb.COMMIT, "_diff");
  }

  @Test
  void whatIsBegunWhenItStopsIsPutBackAndNothingIsStored() throws InterruptedException {
    store(PARENT);
    store(IMAGE);
    CountDownLatch reading = new CountDownLatch(1);
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.READ && key.equals(file(IMAGE, "layer"))) {
            reading.countDown();
            await().until(() -> !worker.isRunning());
          }
          return Outcome.DONE;
        });
    Thread stopping =
        new Thread(
            () -> {
              try {
                reading.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              worker.stop();
            });
    stopping.start();
    assertThat(endOf(IMAGE)).isEqualTo("release");
    stopping.join();
    assertThat(storage.exists(file(IMAGE, "_diff"))).isFalse();
  }

  /** Tells how the work ended, and does not give anything out twice. */
  private static final class WatchedQueue implements DiffQueue {
    private final BlockingQueue<ImageId> images = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

    @Override
    public void add(ImageId id) {
      images.add(id);
    }

    @Override
    public Optional<DiffJob> take(Duration patience) throws InterruptedException {
      return Optional.ofNullable(images.poll(patience.toMillis(), TimeUnit.MILLISECONDS))
          .map(image -> new Job(image, ends));
    }

    @Override
    public Optional<String> refusal(ImageId id, String layer) {
      return Optional.empty();
    }

    @Override
    public long length() {
      return images.size();
    }
  }

  private record Job(ImageId image, BlockingQueue<String> ends) implements DiffJob {
    @Override
    public void done() {
      ends.add("done");
    }

    @Override
    public void refuse(String layer, String reason) {
      ends.addAll(List.of("refused: " + reason));
    }

    @Override
    public void retry() {
      ends.add("retry");
    }

    @Override
    public void release() {
      ends.add("release");
    }
  }
}
