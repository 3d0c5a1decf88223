package io.registry.content.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.content.image.ContentFiles;
import io.registry.content.image.ImageId;
import io.registry.content.image.StoredImages;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** On a store that does what it is told. */
class ListingsTest {
  private static final ImageId ID = new ImageId(TestImage.id("image"));
  private static final String OLD = "[[\"old\", \"f\", false, 0, 1400000000, 420, 0, 0]]";
  private static final String NEW = OLD.replace("old", "new");

  private final BrokenStorage storage = new BrokenStorage(new InMemoryBlobStorage());
  private final PassingClock clock = new PassingClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Executor later = tasks::add;
  private final Listings listings = listings();

  private Listings listings() {
    JsonCodec codec = new JsonCodec();
    return new Listings(
        new StoredImages(storage, codec),
        new StoredDocuments(new ContentFiles(storage), codec),
        new LayerFiles(codec, clock, LayerArchives.LIMITS),
        new ContentsMeters(meters));
  }

  private static BlobKey file(String name) {
    return BlobKey.of("images", ID.value(), name);
  }

  private void store(byte[] layer) {
    storage.write(file("json"), "{}".getBytes(UTF_8));
    storage.write(file("layer"), layer);
  }

  private static String text(Blob blob) {
    try (blob) {
      return new String(blob.body().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String list() {
    return text(listings.open(ID, Runnable::run, Duration.ZERO));
  }

  private long listed() {
    return meters.find("registry.contents.listings").timers().stream()
        .mapToLong(timer -> timer.count())
        .sum();
  }

  @Test
  void whoWaitsTooLongIsToldToComeAgainAndThenTheListIsThere() {
    store(TestLayer.of("old"));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> listings.open(ID, later, Duration.ofMillis(1)))
          .isInstanceOf(RetryLaterException.class)
          .hasMessage("The layer is being listed, retry later");
    }
    assertThat(tasks).as("all wait for the same").hasSize(1);
    tasks.remove().run();
    assertThat(list()).isEqualTo(OLD);
    assertThat(listed()).isEqualTo(1);
    assertThat(storage.openBlobs()).isZero();
  }

  @Test
  void oneTooManyIsToldToComeAgain() {
    store(TestLayer.of("old"));
    Executor full =
        task -> {
          throw new RejectedExecutionException();
        };
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> listings.open(ID, full, Duration.ofSeconds(1)))
          .isInstanceOf(RetryLaterException.class)
          .hasMessage("Too many layers are being listed, retry later");
    }
    assertThat(list()).isEqualTo(OLD);
  }

  @Test
  void anImageThatIsPushedAnewMeanwhileIsListedAsItIsThen() {
    store(TestLayer.of("old"));
    AtomicInteger commits = new AtomicInteger();
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          // At the last moment, so that only a look after it can find out.
          if (verb == Verb.COMMIT && key.equals(file("_files")) && commits.incrementAndGet() == 1) {
            store(TestLayer.of("new"));
          }
          return Outcome.DONE;
        });
    assertThat(list()).isEqualTo(NEW);
    assertThat(commits).hasValue(2);
  }

  @Test
  void nothingIsKeptOfAnImageThatIsPushedAnewAtTheMoment() {
    store(TestLayer.of("old"));
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.READ && key.equals(file("layer"))) {
            storage.write(file("_inprogress"), "true".getBytes(UTF_8));
            storage.delete(file("layer"));
          }
          return Outcome.DONE;
        });
    assertThatThrownBy(this::list)
        .isInstanceOf(RegistryException.class)
        .hasMessage("Image is being uploaded, retry later");
    assertThat(storage.exists(file("_files"))).isFalse();
  }

  @Test
  void whatCannotBeListedIsReadOnceForEachLayer() {
    store("no archive".getBytes(UTF_8));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(this::list).hasMessage("Layer format not supported");
    }
    assertThat(listed()).isEqualTo(1);
    store(TestLayer.of("new"));
    assertThat(list()).isEqualTo(NEW);
  }

  @Test
  void aStoreThatFailsIsNoReasonToRefuseTheLayerLater() {
    store(TestLayer.of("old"));
    storage.fail(Reason.UNAVAILABLE, Verb.READ, "layer");
    assertThatThrownBy(this::list).isInstanceOf(StorageException.class);
    storage.fail(Reason.FULL, Verb.COMMIT, "_files");
    assertThatThrownBy(this::list).isInstanceOf(StorageException.class);
    storage.heal();
    assertThat(list()).isEqualTo(OLD);
    assertThat(storage.openBlobs()).isZero();
  }

  @Test
  void whatTakesTooLongIsRefused() {
    store(TestLayer.empty().file("big", 5_000_000).bytes());
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.READ) {
            clock.pass(Duration.ofSeconds(30));
          }
          return Outcome.DONE;
        });
    assertThatThrownBy(this::list)
        .hasMessage("The layer is not listed: it takes longer than 60 seconds");
    assertThat(storage.exists(file("_files"))).isFalse();
  }

  @Test
  void whatIsNoLongerWantedIsLeftOff() {
    store(TestLayer.of("old"));
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(() -> listings.open(ID, () -> asked.incrementAndGet() < 3))
        .isInstanceOf(AbandonedException.class);
    assertThat(storage.exists(file("_files"))).isFalse();
    assertThat(list()).isEqualTo(OLD);
  }
}
