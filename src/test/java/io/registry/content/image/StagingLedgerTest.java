package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** The share that a client's unfinished uploads may take of the store. */
class StagingLedgerTest {
  private static final int MEBIBYTE = 1024 * 1024;
  private static final Pusher CLIENT = new Pusher("client");
  private static final Pusher OTHER = new Pusher("other");

  private final PassingClock clock = new PassingClock();
  private final List<StagingPlace> removed = new ArrayList<>();

  private static UploadProperties limits(int perClient, int total, int mebibytesPerClient) {
    return new UploadProperties(
        Duration.ofHours(24),
        Duration.ofHours(1),
        perClient,
        total,
        DataSize.ofMegabytes(mebibytesPerClient),
        DataSize.ofMegabytes(100));
  }

  private StagingLedger ledger(int perClient, int total) {
    return new StagingLedger(limits(perClient, total, 10), clock, removed::add);
  }

  private static StagingPlace place(String image, Pusher pusher) {
    return StagingPlace.of(new ImageId(TestImage.id(image)), pusher);
  }

  private static void stage(StagingLedger ledger, StagingPlace place) {
    try (StagingLedger.Request request = ledger.enter(place)) {
      request.reserve(10);
    }
  }

  private static void refused(ThrowingCallable call) {
    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(call)
        .withMessageContaining("finish uploads, or try again later")
        .extracting(RegistryException::problem)
        .isEqualTo(Problem.TOO_MANY);
  }

  @Test
  void aClientThatFillsItsShareIsRefusedAlone() {
    StagingLedger ledger = ledger(2, 10);
    stage(ledger, place("a", CLIENT));
    stage(ledger, place("b", CLIENT));

    refused(() -> stage(ledger, place("c", CLIENT)));

    stage(ledger, place("b", CLIENT));
    stage(ledger, place("c", OTHER));
    assertThat(removed).isEmpty();
    assertThat(ledger.uploads()).isEqualTo(3);
    assertThat(ledger.bytes()).isEqualTo(40);
  }

  @Test
  void aClientThatFillsItsShareGivesUpItsOwnOldestUploadThatRests() {
    StagingLedger ledger = ledger(2, 10);
    stage(ledger, place("of the other", OTHER));
    clock.pass(Duration.ofHours(1));
    stage(ledger, place("a", CLIENT));
    clock.pass(Duration.ofMinutes(1));
    stage(ledger, place("b", CLIENT));
    clock.pass(Duration.ofMinutes(16));

    stage(ledger, place("c", CLIENT));
    assertThat(removed).containsExactly(place("a", CLIENT));

    stage(ledger, place("d", CLIENT));
    assertThat(removed).containsExactly(place("a", CLIENT), place("b", CLIENT));

    refused(() -> stage(ledger, place("e", CLIENT)));
    assertThat(removed).hasSize(2);
    assertThat(ledger.uploads()).isEqualTo(3);
    assertThat(ledger.bytes()).isEqualTo(30);
  }

  @Test
  void anUploadWithARequestUnderWayIsNotGivenUp() {
    StagingLedger ledger = ledger(1, 10);
    try (StagingLedger.Request request = ledger.enter(place("a", CLIENT))) {
      request.reserve(10);
      clock.pass(Duration.ofHours(1));

      refused(() -> stage(ledger, place("b", CLIENT)));
    }
    assertThat(removed).isEmpty();
  }

  @Test
  void whenAllSharesAreUsedUpTheClientWithTheMostUploadsGivesUpOne() {
    StagingLedger ledger = ledger(5, 3);
    stage(ledger, place("a", CLIENT));
    stage(ledger, place("b", CLIENT));
    stage(ledger, place("c", OTHER));
    clock.pass(Duration.ofMinutes(2));

    stage(ledger, place("d", OTHER));

    assertThat(removed).containsExactly(place("a", CLIENT));
    assertThat(ledger.uploads()).isEqualTo(3);
  }

  @Test
  void whatIsRefusedIsNotRemembered() {
    StagingLedger ledger = ledger(1, 10);
    stage(ledger, place("a", CLIENT));
    refused(() -> stage(ledger, place("b", CLIENT)));
    assertThat(ledger.isUnderWay(place("b", CLIENT))).isFalse();

    try (StagingLedger.Request request = ledger.enter(place("a", CLIENT))) {
      request.forget();
    }

    stage(ledger, place("b", CLIENT));
    assertThat(ledger.uploads()).isEqualTo(1);
    assertThat(ledger.bytes()).isEqualTo(10);
  }

  @Test
  void aLayerBeyondTheShareInBytesIsRefusedAndLeavesNothingBehind() {
    InMemoryBlobStorage storage = new InMemoryBlobStorage();
    ImageUploads uploads =
        new ImageUploads(
            storage,
            new JsonCodec(),
            image -> {},
            ImageEvents.UNHEARD,
            PushRule.NONE,
            limits(10, 10, 3),
            clock);
    TestImage large = TestImage.of("image", "", new byte[4 * MEBIBYTE]);
    TestImage small = large.withLayer(new byte[MEBIBYTE]);
    ImageId id = new ImageId(large.id());
    BlobKey folder = StagingPlace.of(id, CLIENT).folder();
    uploads.begin(id, large.json(), CLIENT);

    for (int i = 0; i < 5; i++) {
      refused(() -> uploads.receiveLayer(id, new ByteArrayInputStream(large.layer()), CLIENT));

      try (Stream<String> layers = storage.folders(folder);
          Stream<BlobEntry> files = storage.list(folder)) {
        assertThat(layers).isEmpty();
        assertThat(files).hasSize(1).allMatch(file -> file.name().startsWith("json_"));
      }
    }

    uploads.receiveLayer(id, new ByteArrayInputStream(small.layer()), CLIENT);
    uploads.finish(id, new Checksum(small.checksum()), CLIENT);
    assertThat(storage.read(ImageKeys.layer(id), 2 * MEBIBYTE)).hasValue(small.layer());
  }
}
