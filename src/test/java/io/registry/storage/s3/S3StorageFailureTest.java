package io.registry.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.UnsatisfiableRangeException;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.PassingClock;
import io.registry.testkit.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** What becomes of calls when the network breaks or the store fails, and what is then stored. */
@Tag("external")
@Tag("slow")
class S3StorageFailureTest {
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");
  private static final BlobKey OTHER = BlobKey.of("images", "abd", "layer");
  private static final int MIB = 1024 * 1024;
  private static final byte[] SMALL = random(1000);
  private static final byte[] LARGE = random(11 * MIB);
  private static final String SLOW_DOWN =
      "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

  private static S3Server server;

  private FaultProxy proxy;
  private S3TestStore store;
  private S3BlobStorage storage;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() throws IOException {
    proxy = new FaultProxy(server.port());
    store =
        S3TestStore.of(
            server,
            "endpoint",
            proxy.endpoint().toString(),
            "attempts",
            "3",
            "read-timeout",
            "1s",
            "call-timeout",
            "20s");
    storage = store.storage();
  }

  @AfterEach
  void leavesNoParts() throws IOException {
    assertThat(store.unfinishedUploads()).isEmpty();
    store.close();
    proxy.close();
  }

  @Test
  void withoutFaultsEachVerbTakesAsFewRoundTripsAsItCan() throws IOException {
    assertThat(roundTrips(() -> storage.write(KEY, SMALL))).isEqualTo(1);
    assertThat(roundTrips(() -> storage.read(KEY, SMALL.length))).isEqualTo(1);
    assertThat(roundTrips(() -> storage.stat(KEY))).isEqualTo(1);
    assertThat(roundTrips(() -> storage.exists(KEY))).isEqualTo(1);
    assertThat(roundTrips(() -> storage.open(KEY, ByteRange.ALL).orElseThrow().close()))
        .isEqualTo(1);
    assertThat(roundTrips(() -> storage.open(KEY, ByteRange.suffix(9)).orElseThrow().close()))
        .isEqualTo(1);
    assertThat(roundTrips(() -> storage.open(KEY.child("absent"), ByteRange.ALL))).isEqualTo(1);
    assertThat(roundTrips(() -> names(BlobKey.of("images", "abc")))).isEqualTo(1);
    assertThat(roundTrips(() -> storage.delete(KEY))).isEqualTo(1);
    assertThat(roundTrips(() -> storage.deleteAll(List.of(KEY, OTHER)))).isEqualTo(1);
    assertThat(roundTrips(() -> storage.downloadUrl(KEY))).isZero();
    // The store is tried out at first.
    storage.writeIfAbsent(KEY, SMALL);
    assertThat(roundTrips(() -> storage.writeIfAbsent(OTHER, SMALL))).isEqualTo(1);
    // Three parts, a request to begin and one to end.
    assertThat(roundTrips(() -> storage.write(KEY, LARGE))).isEqualTo(5);
  }

  @Test
  void aRangeIsFetchedAndNothingElse() throws IOException {
    storage.write(KEY, LARGE);
    List<String> ranges = new ArrayList<>();

    try (Blob blob = storage.open(KEY, new ByteRange(1000, 1999)).orElseThrow()) {
      ranges.add(blob.offset() + "+" + blob.length() + "/" + blob.size());
      assertThat(blob.body().readAllBytes()).isEqualTo(Arrays.copyOfRange(LARGE, 1000, 2000));
    }
    assertThat(ranges).containsExactly("1000+1000/" + LARGE.length);
  }

  @Test
  void whatNobodyWantsAnyMoreIsNotReadToItsEnd() throws IOException {
    storage.write(KEY, LARGE);
    proxy.heal();

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      assertThat(blob.body().read()).isEqualTo(LARGE[0] & 0xff);
    }

    await().until(proxy::isIdle);
    assertThat(proxy.answered()).isLessThan(LARGE.length);
  }

  static Stream<Fault> passingFaults() {
    return Stream.of(
        Fault.status(500, "<Error><Code>InternalError</Code><Message>x</Message></Error>"),
        Fault.status(503, SLOW_DOWN),
        Fault.status(503, ""),
        Fault.resetInBody(0),
        Fault.resetInBody(500),
        Fault.loseAnswer(),
        Fault.silence());
  }

  @ParameterizedTest
  @MethodSource("passingFaults")
  void aFaultThatPassesIsNotNoticed(Fault fault) {
    proxy.plan(1, request -> request.startsWith("PUT"), fault);
    storage.write(KEY, SMALL);
    proxy.plan(1, request -> request.startsWith("GET"), fault);
    assertThat(storage.read(KEY, SMALL.length)).hasValue(SMALL);
    proxy.plan(1, request -> request.startsWith("HEAD"), fault);
    assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(SMALL.length);
    proxy.plan(1, request -> request.startsWith("GET"), fault);
    assertThat(names(BlobKey.of("images", "abc"))).containsExactly("layer");
    proxy.plan(1, request -> request.startsWith("DELETE"), fault);
    storage.delete(KEY);
    proxy.heal();
    assertThat(storage.exists(KEY)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("passingFaults")
  void aPartThatFailsIsSentAgain(Fault fault) {
    proxy.plan(1, request -> request.contains("partNumber=2"), fault);

    storage.write(KEY, LARGE);

    proxy.heal();
    assertThat(storage.read(KEY, LARGE.length)).hasValue(LARGE);
  }

  @Test
  void aPartThatBreaksInTheMiddleIsSentAgain() {
    proxy.plan(2, request -> request.contains("partNumber=1"), Fault.resetInBody(3 * MIB));

    storage.write(KEY, LARGE);

    proxy.heal();
    assertThat(storage.read(KEY, LARGE.length)).hasValue(LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"uploads", "partNumber=1", "partNumber=3", "uploadId="})
  void anUploadThatFailsForGoodLeavesTheOldBlobAndNoParts(String request) {
    storage.write(KEY, SMALL);
    proxy.plan(
        100,
        line -> line.matches("(PUT|POST) .*[?&]" + request + ".*"),
        Fault.status(503, SLOW_DOWN));

    assertFails(Reason.UNAVAILABLE, () -> storage.write(KEY, LARGE));

    proxy.heal();
    assertThat(storage.read(KEY, SMALL.length)).hasValue(SMALL);
    assertThat(names(BlobKey.of("images", "abc"))).containsExactly("layer");
  }

  @Test
  void theLostAnswerToTheEndOfAnUploadIsNoFailure() {
    proxy.plan(
        1,
        request -> request.startsWith("POST") && request.contains("uploadId="),
        Fault.loseAnswer());

    try (BlobWriter writer = storage.create(KEY)) {
      writer.write(LARGE);
      writer.commit();
    }

    proxy.heal();
    assertThat(storage.read(KEY, LARGE.length)).hasValue(LARGE);
  }

  @Test
  void bytesThatChangeOnTheirWayAreNotPublished() {
    storage.write(KEY, SMALL);
    byte[] other = random(2000);

    proxy.plan(100, request -> request.startsWith("PUT"), Fault.damageBody());
    assertThatExceptionOfType(StorageException.class).isThrownBy(() -> storage.write(KEY, other));
    proxy.plan(100, request -> request.contains("partNumber=2"), Fault.damageBody());
    assertThatExceptionOfType(StorageException.class).isThrownBy(() -> storage.write(KEY, LARGE));

    proxy.heal();
    assertThat(storage.read(KEY, SMALL.length)).hasValue(SMALL);
  }

  @Test
  void aWriterThatIsClosedInTheMiddleRemovesItsParts() {
    try (BlobWriter writer = storage.create(KEY)) {
      writer.write(LARGE);
      assertThat(store.unfinishedUploads()).hasSize(1);
    }

    assertThat(store.unfinishedUploads()).isEmpty();
    assertThat(storage.exists(KEY)).isFalse();
  }

  @Test
  void partsThatCouldNotBeRemovedAreRemovedWhenTheyAreOld() {
    proxy.plan(100, request -> request.startsWith("DELETE"), Fault.status(503, SLOW_DOWN));
    try (BlobWriter writer = storage.create(KEY)) {
      writer.write(LARGE);
    }
    proxy.heal();
    assertThat(store.unfinishedUploads()).hasSize(1);
    PassingClock clock = new PassingClock(Instant.now());
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.initialize();
    try (GenericApplicationContext context = new GenericApplicationContext()) {
      store
          .abandonedUploads(clock, scheduler, Duration.ofMillis(10))
          .onApplicationEvent(
              new ApplicationReadyEvent(
                  new SpringApplication(), new String[0], context, Duration.ZERO));
      await().until(() -> listings() > 2);
      assertThat(store.unfinishedUploads()).hasSize(1);

      clock.pass(store.settings().abandonedAfter().plusMinutes(1));
      await().until(() -> store.unfinishedUploads().isEmpty());
    } finally {
      scheduler.shutdown();
    }
  }

  private long listings() {
    return proxy.requests().stream().filter(request -> request.contains("?uploads")).count();
  }

  @Test
  void aFullFolderForPartsIsAFullStore(@TempDir Path folder) throws Exception {
    assumeTrue(
        runs("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.toString()),
        "only root on Linux can mount a small disk");
    try (BlobWriter writer = store.writer(KEY, folder)) {
      assertFails(Reason.FULL, () -> writer.write(new byte[3 * MIB]));
    } finally {
      assertThat(runs("umount", folder.toString())).isTrue();
    }
  }

  private static boolean runs(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  @Test
  void a404WhoseDocumentIsCutIsLookedInto() {
    storage.write(KEY, SMALL);
    proxy.plan(1, request -> request.startsWith("GET"), Fault.truncateAnswer(20));
    assertThat(storage.read(OTHER, SMALL.length)).isEmpty();

    proxy.plan(1, request -> request.startsWith("GET"), Fault.status(404, "<Error><Co"));
    assertThat(storage.read(KEY, SMALL.length)).hasValue(SMALL);
    proxy.plan(1, request -> request.startsWith("GET"), Fault.status(404, "<Error><Co"));
    assertThat(storage.read(OTHER, SMALL.length)).isEmpty();
  }

  static Stream<Fault> breakingReads() {
    return Stream.of(
        Fault.resetAnswer(MIB),
        Fault.truncateAnswer(MIB),
        Fault.truncateAnswer(0),
        Fault.wrongLength(5),
        Fault.wrongLength(-MIB));
  }

  @ParameterizedTest
  @MethodSource("breakingReads")
  void aReadThatBreaksGoesOnUnnoticed(Fault fault) throws IOException {
    storage.write(KEY, LARGE);
    proxy.plan(3, request -> request.startsWith("GET"), fault);

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      assertThat(blob.size()).isEqualTo(LARGE.length);
      assertThat(blob.body().readAllBytes()).isEqualTo(LARGE);
    }
    assertThat(proxy.requests()).hasSizeGreaterThan(1);

    proxy.plan(3, request -> request.startsWith("GET"), fault);
    try (Blob blob = storage.open(KEY, new ByteRange(MIB, 5 * MIB)).orElseThrow()) {
      assertThat(blob.body().readAllBytes()).isEqualTo(Arrays.copyOfRange(LARGE, MIB, 5 * MIB + 1));
    }
  }

  @Test
  void aReadThatCannotGoOnFailsAndDoesNotEnd() throws IOException {
    storage.write(KEY, LARGE);
    proxy.plan(
        (number, request) ->
            number == 1 ? Fault.truncateAnswer(MIB) : Fault.status(503, SLOW_DOWN));

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      InputStream body = blob.body();
      assertThat(body.readNBytes(MIB)).isEqualTo(Arrays.copyOf(LARGE, MIB));
      assertFails(Reason.UNAVAILABLE, body::read);
    }
  }

  @Test
  void aBlobThatIsReplacedWhileItIsReadIsNotMixed() throws IOException {
    storage.write(KEY, LARGE);
    proxy.plan(1, request -> request.startsWith("GET"), Fault.truncateAnswer(MIB));

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      InputStream body = blob.body();
      assertThat(body.readNBytes(MIB)).isEqualTo(Arrays.copyOf(LARGE, MIB));
      storage.write(KEY, random(11 * MIB + 1));
      assertThatExceptionOfType(StorageException.class).isThrownBy(body::read);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "403, AccessDenied, DENIED",
    "403, InvalidAccessKeyId, DENIED",
    "403, SignatureDoesNotMatch, DENIED",
    "403, RequestTimeTooSkewed, DENIED",
    "404, NoSuchBucket, DENIED",
    "400, AuthorizationHeaderMalformed, DENIED",
    "301, PermanentRedirect, DENIED",
    "400, ExpiredToken, DENIED",
    "500, InternalError, UNAVAILABLE",
    "503, SlowDown, UNAVAILABLE",
    "429, TooManyRequests, UNAVAILABLE",
    "507, XMinioStorageFull, FULL",
    "403, QuotaExceeded, FULL",
    "400, InvalidArgument, BROKEN",
    "501, NotImplemented, BROKEN"
  })
  void eachAnswerOfTheStoreHasItsReason(int status, String code, Reason reason) {
    storage.write(KEY, SMALL);
    Fault fault =
        Fault.status(status, "<Error><Code>%s</Code><Message>no</Message></Error>".formatted(code));
    proxy.plan((number, request) -> fault);

    assertFails(reason, () -> storage.write(KEY, random(10)));
    assertFails(reason, () -> storage.read(KEY, SMALL.length));
    assertFails(reason, () -> names(BlobKey.of("images", "abc")));
    assertFails(reason, () -> storage.delete(KEY));
    assertFails(reason, () -> storage.probe());

    proxy.heal();
    assertThat(storage.read(KEY, SMALL.length)).hasValue(SMALL);
  }

  @Test
  void aStoreThatIsAwayIsUnavailable() throws IOException {
    proxy.close();

    assertFails(Reason.UNAVAILABLE, () -> storage.write(KEY, SMALL));
    assertFails(Reason.UNAVAILABLE, () -> storage.read(KEY, SMALL.length));
    assertFails(Reason.UNAVAILABLE, () -> storage.stat(KEY));
    assertFails(Reason.UNAVAILABLE, () -> storage.writeIfAbsent(KEY, SMALL));
    assertFails(Reason.UNAVAILABLE, () -> storage.probe());
  }

  @Test
  void aDeleteThatTheStoreRefusesForOneOfManyIsAFailure() {
    BlobKey prefix = BlobKey.of("repositories", "library", "some");
    storage.write(prefix.child("tag_1"), SMALL);
    storage.write(prefix.child("tag_2"), SMALL);
    proxy.plan(
        1,
        request -> request.startsWith("POST"),
        Fault.status(
            200,
            "<DeleteResult><Error><Key>tag_1</Key><Code>AccessDenied</Code><Message>no</Message>"
                + "</Error></DeleteResult>"));

    assertFails(
        Reason.DENIED,
        () -> storage.deleteAll(List.of(prefix.child("tag_1"), prefix.child("tag_2"))));
  }

  @Test
  void aStoreWithoutDeleteOfManyIsAskedForEach() {
    BlobKey prefix = BlobKey.of("repositories", "library", "some");
    storage.write(prefix.child("tag_1"), SMALL);
    storage.write(prefix.child("tag_2"), SMALL);
    proxy.plan(
        100,
        request -> request.startsWith("POST"),
        Fault.status(501, "<Error><Code>NotImplemented</Code><Message>no</Message></Error>"));

    storage.deleteAll(List.of(prefix.child("tag_1"), prefix.child("tag_2")));

    assertThat(names(prefix)).isEmpty();
  }

  @Test
  void theLostAnswerToAWriteOfWhatWasAbsentDoesNotHideTheSuccess() {
    assertThat(storage.writeIfAbsent(OTHER, SMALL)).isTrue();
    proxy.plan(1, request -> request.startsWith("PUT"), Fault.loseAnswer());

    assertThat(storage.writeIfAbsent(KEY, SMALL)).isTrue();
    assertThat(storage.writeIfAbsent(KEY, SMALL)).isFalse();
    assertThat(storage.read(KEY, SMALL.length)).hasValue(SMALL);
  }

  @Test
  void theLostAnswerToTheEndOfALargeWriteOfWhatWasAbsentDoesNotHideTheSuccess() {
    storage.writeIfAbsent(OTHER, SMALL);
    proxy.plan(
        1,
        request -> request.startsWith("POST") && request.contains("uploadId="),
        Fault.loseAnswer());

    assertThat(writeLargeIfAbsent()).isTrue();
    assertThat(writeLargeIfAbsent()).isFalse();
    assertThat(storage.read(KEY, LARGE.length)).hasValue(LARGE);
  }

  private boolean writeLargeIfAbsent() {
    try (BlobWriter writer = storage.createIfAbsent(KEY)) {
      writer.write(LARGE);
      return writer.commit();
    }
  }

  // As MinIO does: the upload is over, so that the second attempt finds none.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anUploadThatIsOverIsLookedForUnderItsName(boolean published) {
    AtomicInteger ends = new AtomicInteger();
    proxy.plan(
        (number, request) -> {
          if (!request.startsWith("POST") || !request.contains("uploadId=")) {
            return Fault.none();
          }
          return ends.incrementAndGet() == 1 && published
              ? Fault.loseAnswer()
              : Fault.status(404, "<Error><Code>NoSuchUpload</Code><Message>x</Message></Error>");
        });

    if (published) {
      storage.write(KEY, LARGE);
    } else {
      assertThatExceptionOfType(StorageException.class).isThrownBy(() -> storage.write(KEY, LARGE));
    }

    proxy.heal();
    assertThat(storage.exists(KEY)).isEqualTo(published);
  }

  @Test
  void a404OfSomethingInBetweenIsNoAbsence() {
    storage.write(KEY, SMALL);
    proxy.plan((number, request) -> Fault.status(404, "<html>default backend</html>"));

    assertThatExceptionOfType(StorageException.class).isThrownBy(() -> storage.delete(KEY));
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.read(KEY, SMALL.length));
    assertThatExceptionOfType(StorageException.class).isThrownBy(() -> storage.exists(KEY));
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> names(BlobKey.of("images", "abc")));
  }

  @Test
  void anAbsenceThatCarriesNoMarkOfTheStoreIsLookedForInAList() {
    storage.write(KEY, SMALL);
    proxy.plan(100, request -> request.startsWith("HEAD"), Fault.status(404, ""));

    assertThat(storage.exists(OTHER)).isFalse();
    assertThatExceptionOfType(StorageException.class).isThrownBy(() -> storage.exists(KEY));
  }

  @Test
  void aPartThatArrivesDamagedIsSentAgain() {
    proxy.plan(2, request -> request.contains("partNumber=2"), Fault.damageBody());

    storage.write(KEY, LARGE);

    proxy.heal();
    assertThat(storage.read(KEY, LARGE.length)).hasValue(LARGE);
  }

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 206 x', 'Content-Range: bytes */0'",
    "'HTTP/1.1 206 x', 'Content-Range: bytes 0--1/0'",
    "'HTTP/1.1 200 x', 'X-Nothing: here'"
  })
  void whatOtherStoresAnswerToARangeOfAnEmptyObjectIsUnderstood(String status, String range)
      throws IOException {
    storage.write(KEY, new byte[0]);
    proxy.plan(
        (number, request) ->
            request.startsWith("GET")
                ? Fault.answer(
                    status + "\r\n" + range + "\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n")
                : Fault.none());

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      assertThat(blob.size()).isZero();
      assertThat(blob.body().readAllBytes()).isEmpty();
    }
    assertThatExceptionOfType(UnsatisfiableRangeException.class)
        .isThrownBy(() -> storage.open(KEY, ByteRange.suffix(5)));
    storage.write(OTHER, SMALL);
    assertFails(Reason.UNAVAILABLE, () -> storage.open(OTHER, ByteRange.ALL));
  }

  @Test
  void anAnswerWithoutSizeOrVersionIsAFailure() {
    storage.write(KEY, SMALL);
    proxy.plan(
        (number, request) ->
            Fault.answer(
                "HTTP/1.1 206 x\r\nContent-Range: bytes 0-999/1000\r\nConnection: close\r\n\r\n"));

    assertFails(Reason.UNAVAILABLE, () -> storage.open(KEY, ByteRange.ALL));
    assertFails(Reason.UNAVAILABLE, () -> storage.stat(KEY));
  }

  @Test
  void aConflictOfWritersIsTriedAgain() {
    storage.writeIfAbsent(OTHER, SMALL);
    proxy.plan(
        3,
        request -> request.startsWith("PUT"),
        Fault.status(
            409, "<Error><Code>ConditionalRequestConflict</Code><Message>x</Message></Error>"));

    assertThat(storage.writeIfAbsent(KEY, SMALL)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 501})
  void aStoreThatDoesNotKeepConditionsIsFoundOut(int status) {
    proxy.plan(
        100,
        request -> request.matches("PUT .*_conditional_.*"),
        Fault.status(status, status == 200 ? "" : "<Error><Code>NotImplemented</Code></Error>"));

    assertThat(storage.writeIfAbsent(KEY, SMALL)).isTrue();
    assertThat(storage.writeIfAbsent(KEY, new byte[] {1})).isFalse();
    assertThat(storage.read(KEY, SMALL.length)).hasValue(SMALL);
    proxy.heal();
    assertThat(storage.writeIfAbsent(KEY, new byte[] {1})).isFalse();
    assertThat(proxy.requests()).noneMatch(request -> request.contains("_conditional_"));
    assertThat(names(BlobKey.of("images", "abc"))).containsExactly("layer");
  }

  @Test
  void aStoreThatKeepsNoConditionsOfPartsIsAskedRightBeforeTheEnd() {
    proxy.plan(
        100,
        request -> request.matches("POST .*_conditional_[^ ]*uploadId=.*"),
        Fault.status(501, "<Error><Code>NotImplemented</Code></Error>"));
    try (BlobWriter first = storage.createIfAbsent(KEY);
        BlobWriter second = storage.createIfAbsent(KEY)) {
      first.write(LARGE);
      second.write(random(LARGE.length + 1));

      assertThat(first.commit()).isTrue();
      proxy.heal();
      assertThat(second.commit()).isFalse();
    }
    assertThat(storage.read(KEY, LARGE.length)).hasValue(LARGE);
    assertThat(proxy.requests()).anyMatch(request -> request.startsWith("HEAD "));
    assertThat(proxy.requests()).noneMatch(request -> request.startsWith("POST "));
    assertThat(storage.writeIfAbsent(KEY, SMALL)).isFalse();
  }

  private interface Call {
    void run() throws IOException;
  }

  private int roundTrips(Call call) throws IOException {
    proxy.heal();
    call.run();
    return proxy.requests().size();
  }

  private static void assertFails(Reason reason, Call call) {
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(call::run)
        .withMessageContaining("s3 storage failed to")
        .withMessageNotContaining(S3Server.SECRET_KEY)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private List<String> names(BlobKey prefix) {
    try (Stream<String> names = storage.names(prefix)) {
      return names.toList();
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
