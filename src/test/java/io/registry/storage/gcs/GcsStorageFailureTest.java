package io.registry.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.UnsatisfiableRangeException;
import io.registry.testkit.FakeGcs;
import io.registry.testkit.FakeGcs.Call;
import io.registry.testkit.FakeGcs.Dialect;
import io.registry.testkit.FakeGcs.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** What becomes of a blob, and what the caller is told, when the service or the way to it fails. */
@Tag("slow")
class GcsStorageFailureTest {
  private static final BlobKey FOLDER = BlobKey.of("images", "abc");
  private static final BlobKey KEY = FOLDER.child("layer");
  private static final String NAME = "registry/images/abc/layer";
  private static final int PART = (int) GcsSettings.PART.toBytes();
  private static final int ATTEMPTS = 4;
  private static final byte[] OLD = random(1000);

  private final FakeGcs gcs = new FakeGcs();
  private final Path directory;
  private GcsBlobStorage storage;

  GcsStorageFailureTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    storage = connect(GcsSettings.of(gcs, directory));
    gcs.forgetCounts();
  }

  @AfterEach
  void leavesNothingBehind() {
    assertThat(storage.busyConnections()).isZero();
    storage.close();
    gcs.close();
  }

  @Test
  void eachOperationIsOneRequest() throws IOException {
    storage.write(KEY, OLD);
    assertThat(requests()).isEqualTo(1);
    storage.open(KEY, ByteRange.ALL).orElseThrow().close();
    assertThat(requests()).isEqualTo(1);
    storage.open(KEY, new ByteRange(5, 10)).orElseThrow().close();
    assertThat(requests()).isEqualTo(1);
    assertThat(storage.open(FOLDER, ByteRange.ALL)).isEmpty();
    assertThat(requests()).isEqualTo(1);
    assertThat(storage.stat(KEY)).isPresent();
    assertThat(requests()).isEqualTo(1);
    assertThat(storage.read(KEY, 1000)).hasValue(OLD);
    assertThat(requests()).isEqualTo(1);
    assertThat(storage.writeIfAbsent(KEY, OLD)).isFalse();
    assertThat(requests()).isEqualTo(1);
    assertThat(names()).containsExactly("layer");
    assertThat(requests()).isEqualTo(1);
    storage.deleteAll(IntStream.range(0, 100).mapToObj(i -> FOLDER.child("x" + i)).toList());
    assertThat(requests()).isEqualTo(1);
    storage.delete(KEY);
    assertThat(requests()).isEqualTo(1);
    storage.probe();
    assertThat(requests()).isEqualTo(1);
    storage.describe();
    assertThat(requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whatDoesNotExistIsAbsentHoweverTheServiceSaysIt(Dialect dialect) {
    gcs.speak(dialect);

    assertThat(storage.stat(KEY)).isEmpty();
    assertThat(storage.open(KEY, ByteRange.ALL)).isEmpty();
    assertThat(storage.read(KEY, 1000)).isEmpty();
    assertThat(storage.copy(KEY, FOLDER.child("copy"))).isFalse();
    storage.delete(KEY);
    storage.deleteAll(List.of(KEY, FOLDER.child("json")));
    assertThat(storage.writeIfAbsent(KEY, OLD)).isTrue();
    assertThat(storage.writeIfAbsent(KEY, OLD)).isFalse();
    assertThat(storage.read(KEY, 1000)).hasValue(OLD);
    assertThat(writeLargeIfAbsent()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyBlobHasTheSizeZeroHoweverTheServiceSaysIt(Dialect dialect) {
    gcs.speak(dialect);
    storage.write(KEY, new byte[0]);

    assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(0);
    assertThat(storage.read(KEY, 1000)).hasValue(new byte[0]);
    try (Stream<BlobEntry> entries = storage.list(FOLDER)) {
      assertThat(entries.map(entry -> entry.info().size())).containsExactly(0L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyBlobHasNoBytesHoweverTheServiceSaysIt(Dialect dialect) {
    gcs.speak(dialect);
    storage.write(KEY, new byte[0]);

    for (ByteRange range : List.of(ByteRange.suffix(7), new ByteRange(0, 6))) {
      assertThatExceptionOfType(UnsatisfiableRangeException.class)
          .isThrownBy(() -> storage.open(KEY, range))
          .satisfies(e -> assertThat(e.size()).isZero());
    }
  }

  @ParameterizedTest
  @EnumSource
  void blobsAreDeletedTogetherHoweverTheServiceDeletes(Dialect dialect) {
    gcs.speak(dialect);
    List<BlobKey> keys = IntStream.range(0, 120).mapToObj(i -> FOLDER.child("" + i)).toList();
    keys.stream().skip(1).forEach(key -> storage.write(key, OLD));
    gcs.next(Call.DELETE, Fault.none(), Fault.none(), Fault.refuse(503, "backendError"));
    gcs.next(Call.BATCHED_DELETE, Fault.none(), Fault.refuse(404, ""), Fault.refuse(500, ""));

    storage.deleteAll(keys);

    assertThat(gcs.names()).isEmpty();
    assertThat(gcs.count(Call.BATCH)).isLessThanOrEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(names = {"GOOGLE", "NESTED"})
  void aMissingBucketIsNoAbsence(Dialect dialect) {
    gcs.speak(dialect);
    gcs.removeBucket();

    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.stat(KEY))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.open(KEY, ByteRange.ALL))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
  }

  @Test
  void whatTheServicePublishesBeforeTheEndIsDeleted() {
    gcs.publishEarly();
    try (BlobWriter writer = storage.create(KEY)) {
      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(() -> writer.write(random(3 * PART)))
          .withMessageContaining("before its end");
    }
    assertThat(gcs.names()).isEmpty();
  }

  @Test
  void theLostAnswerToTheEndOfALargeWriteOfWhatWasAbsentDoesNotHideTheSuccess() {
    gcs.next(Call.LAST_CHUNK, Fault.doneBut(0));

    assertThat(writeLargeIfAbsent()).isTrue();
    assertThat(writeLargeIfAbsent()).isFalse();
    assertThat(gcs.openSessions()).isZero();
  }

  private boolean writeLargeIfAbsent() {
    try (BlobWriter writer = storage.createIfAbsent(KEY)) {
      writer.write(random(600 * 1024));
      return writer.commit();
    }
  }

  @Test
  void aServiceThatNoLongerReadsIsGivenUp() throws IOException {
    try (ServerSocket deaf = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        GcsBlobStorage waiting =
            connect(
                new GcsStorageProperties(
                    FakeGcs.BUCKET,
                    "",
                    "",
                    "http://127.0.0.1:" + deaf.getLocalPort(),
                    "",
                    DataSize.ofMegabytes(16),
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(1),
                    1))) {
      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(() -> waiting.write(KEY, new byte[12 * 1024 * 1024]))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
    }
  }

  /** An operation, the request that it makes, and what it takes for it to do so. */
  static Stream<Arguments> operations() {
    return Stream.of(
        operation(Call.MEDIA, storage -> storage.open(KEY, ByteRange.ALL).orElseThrow().close()),
        operation(Call.STAT, storage -> assertThat(storage.stat(KEY)).isPresent()),
        operation(Call.INSERT, storage -> storage.write(KEY, random(2000))),
        operation(Call.INSERT, storage -> storage.writeIfAbsent(FOLDER.child("mark"), OLD)),
        operation(Call.START, storage -> storage.write(KEY, random(3 * PART))),
        operation(Call.CHUNK, storage -> storage.write(KEY, random(3 * PART))),
        operation(Call.LAST_CHUNK, storage -> storage.write(KEY, random(3 * PART))),
        operation(Call.LIST, storage -> storage.list(FOLDER).forEach(name -> {})),
        operation(Call.DELETE, storage -> storage.delete(FOLDER.child("other"))),
        operation(
            Call.REWRITE, storage -> assertThat(storage.copy(KEY, FOLDER.child("copy"))).isTrue()),
        operation(Call.BATCH, storage -> storage.deleteAll(List.of(FOLDER.child("other")))),
        operation(
            Call.BATCHED_DELETE, storage -> storage.deleteAll(List.of(FOLDER.child("other")))));
  }

  private static Arguments operation(Call call, Consumer<BlobStorage> operation) {
    return Arguments.of(call, operation);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void whatPassesIsOutlived(Call call, Consumer<BlobStorage> operation) {
    storage.write(KEY, OLD);
    gcs.next(
        call,
        Fault.refuse(503, "backendError"),
        Fault.refuse(429, "rateLimitExceeded"),
        Fault.refuse(500, "internalError"));

    operation.accept(storage);

    assertThat(gcs.openSessions()).isZero();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void whatStaysIsUnavailableAndTheOldBlobIsThereStill(Call call, Consumer<BlobStorage> operation) {
    storage.write(KEY, OLD);
    gcs.forgetCounts();
    gcs.always(call, Fault.refuse(503, "backendError"));

    assertFails(Reason.UNAVAILABLE, () -> operation.accept(storage));

    assertThat(gcs.count(call)).isEqualTo(ATTEMPTS);
    assertThat(gcs.openSessions()).isZero();
    assertThat(gcs.bytes(NAME)).isEqualTo(OLD);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void whatIsForbiddenIsDeniedAtOnceAndTheOldBlobIsThereStill(
      Call call, Consumer<BlobStorage> operation) {
    storage.write(KEY, OLD);
    gcs.forgetCounts();
    gcs.always(call, Fault.refuse(403, "forbidden"));

    assertFails(Reason.DENIED, () -> operation.accept(storage));

    assertThat(gcs.count(call)).isEqualTo(1);
    assertThat(gcs.openSessions()).isZero();
    assertThat(gcs.bytes(NAME)).isEqualTo(OLD);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aBucketThatIsGoneIsAFailureAndNoAbsence(Call call, Consumer<BlobStorage> operation) {
    storage.write(KEY, OLD);
    gcs.removeBucket();

    assertFails(Reason.DENIED, () -> operation.accept(storage));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aConnectionThatBreaksBeforeTheAnswerIsOutlived(Call call, Consumer<BlobStorage> operation) {
    if (call == Call.BATCHED_DELETE) {
      return;
    }
    storage.write(KEY, OLD);
    gcs.next(call, Fault.cutRequest(0), Fault.cutRequest(0));

    operation.accept(storage);

    assertThat(gcs.openSessions()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "401, authError, DENIED",
    "403, forbidden, DENIED",
    "403, quotaExceeded, FULL",
    "403, rateLimitExceeded, UNAVAILABLE",
    "507, insufficientStorage, FULL",
    "408, timeout, UNAVAILABLE",
    "429, rateLimitExceeded, UNAVAILABLE",
    "500, internalError, UNAVAILABLE",
    "502, badGateway, UNAVAILABLE",
    "400, invalid, BROKEN",
    "412, conditionNotMet, BROKEN"
  })
  void theStatusTellsTheReason(int status, String text, Reason reason) {
    gcs.always(Call.STAT, Fault.refuse(status, text));
    gcs.always(Call.MEDIA, Fault.refuse(status, text));

    assertFails(reason, () -> storage.stat(KEY));
    assertFails(reason, () -> storage.open(KEY, ByteRange.ALL));
  }

  @Test
  void theFailureTellsDriverOperationKeyAndWhatTheServiceSaidInOneLine() {
    gcs.always(Call.START, Fault.refuse(403, "no permission"));

    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.write(KEY, random(2 * PART)))
        .withMessage(
            "gcs storage failed to write images/abc/layer:"
                + " java.io.IOException: the service answered 403: no permission");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000, 262_144})
  void aChunkThatBreaksIsSentAgainFromWhereTheServiceIs(int taken) {
    byte[] bytes = random(3 * PART + 5);
    gcs.next(Call.CHUNK, Fault.none(), Fault.cutRequest(taken), Fault.cutRequest(taken));

    storage.write(KEY, bytes);

    assertThat(gcs.bytes(NAME)).isEqualTo(bytes);
    assertThat(gcs.openSessions()).isZero();
  }

  @Test
  void aChunkOfWhichAPartArrivedIsNotSentWhole() throws IOException {
    reconnect(GcsSettings.of(gcs, directory, "/registry", 4));
    byte[] bytes = random(9 * PART);
    gcs.next(Call.CHUNK, Fault.cutRequest(2 * PART + 1000), Fault.cutRequest(PART + 1));

    storage.write(KEY, bytes);

    assertThat(gcs.bytes(NAME)).isEqualTo(bytes);
    assertThat(gcs.count(Call.STATUS)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 503})
  void anErrorAfterTheLastChunkMayHideASuccess(int status) {
    byte[] bytes = random(2 * PART + 1);
    gcs.next(Call.LAST_CHUNK, Fault.doneBut(status));

    storage.write(KEY, bytes);

    assertThat(gcs.bytes(NAME)).isEqualTo(bytes);
    assertThat(gcs.count(Call.LAST_CHUNK)).isEqualTo(1);
    assertThat(gcs.count(Call.STATUS)).isEqualTo(1);
    assertThat(gcs.count(Call.CANCEL)).isZero();
  }

  @Test
  void anUploadOfWhichAllArrivedIsEndedWithoutSendingAnythingAgain() {
    byte[] bytes = random(2 * PART);
    gcs.next(Call.LAST_CHUNK, Fault.cutRequest(PART));

    storage.write(KEY, bytes);

    assertThat(gcs.bytes(NAME)).isEqualTo(bytes);
    assertThat(gcs.count(Call.LAST_CHUNK)).isEqualTo(2);
  }

  @Test
  void anUploadThatGetsOnMayBreakMoreOftenThanOneThatDoesNot() throws IOException {
    reconnect(GcsSettings.of(gcs, directory, "/registry", 8));
    byte[] bytes = random(9 * PART);
    for (int i = 0; i < 7; i++) {
      gcs.next(Call.CHUNK, Fault.cutRequest(PART));
    }

    storage.write(KEY, bytes);

    assertThat(gcs.bytes(NAME)).isEqualTo(bytes);
  }

  @Test
  void anUploadThatTheServiceHasForgottenFails() {
    storage.write(KEY, OLD);
    gcs.next(Call.CHUNK, Fault.none(), Fault.refuse(410, "gone"));

    assertFails(Reason.BROKEN, () -> storage.write(KEY, random(4 * PART)));

    assertThat(gcs.bytes(NAME)).isEqualTo(OLD);
    assertThat(gcs.openSessions()).isZero();
  }

  @Test
  void anUploadThatIsGivenUpIsCancelled() {
    storage.write(KEY, OLD);
    gcs.next(Call.CANCEL, Fault.refuse(503, "backendError"));

    try (BlobWriter writer = storage.create(KEY)) {
      writer.write(random(3 * PART));
      assertThat(gcs.openSessions()).isEqualTo(1);
    }

    assertThat(gcs.openSessions()).isZero();
    assertThat(gcs.bytes(NAME)).isEqualTo(OLD);
  }

  @Test
  void givingUpWithoutTheServiceThrowsNothing() {
    gcs.always(Call.CANCEL, Fault.refuse(403, "forbidden"));

    try (BlobWriter writer = storage.create(KEY)) {
      writer.write(random(3 * PART));
    }

    assertThat(gcs.count(Call.CANCEL)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3 * 262_144})
  void bytesThatAreDamagedOnTheWayAreRefusedAndTheOldBlobStays(int size) {
    storage.write(KEY, OLD);
    gcs.damageUploads();

    assertFails(Reason.BROKEN, () -> storage.write(KEY, random(size)));

    assertThat(gcs.bytes(NAME)).isEqualTo(OLD);
    assertThat(gcs.openSessions()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3 * 262_144})
  void whatTheServiceStoredWronglyIsDeleted(int size) {
    gcs.corruptUploads();

    assertFails(Reason.BROKEN, () -> storage.write(KEY, random(size)));

    assertThat(gcs.names()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3 * 262_144})
  void aServiceThatDoesNotTellChecksumsIsBelievedToCompareThem(int size) {
    gcs.hideChecksums();

    storage.write(KEY, random(size));
    assertThat(storage.read(KEY, size)).hasValue(random(size));

    gcs.damageUploads();
    assertFails(Reason.BROKEN, () -> storage.write(KEY, random(size)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 9223372036854775807",
    "1000, 299999",
    "77, 250000",
    "-250000, 9223372036854775807"
  })
  void aDownloadThatBreaksIsResumed(long first, long last) throws IOException {
    byte[] bytes = random(300_000);
    ByteRange range = new ByteRange(first, last);
    int offset = (int) range.offset(bytes.length);
    storage.write(KEY, bytes);
    gcs.next(Call.MEDIA, Fault.cutAnswer(1), Fault.cutAnswer(0), Fault.cutAnswer(100_000));

    try (Blob blob = storage.open(KEY, range).orElseThrow()) {
      assertThat(blob.size()).isEqualTo(bytes.length);
      assertThat(blob.body().readAllBytes())
          .isEqualTo(Arrays.copyOfRange(bytes, offset, offset + (int) range.length(bytes.length)));
    }

    assertThat(gcs.count(Call.MEDIA)).isEqualTo(4);
  }

  @Test
  void aDownloadThatBreaksIsNotMixedWithANewBlob() throws IOException {
    storage.write(KEY, random(300_000));
    gcs.next(Call.MEDIA, Fault.cutAnswer(100_000));

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      storage.write(KEY, random(300_001));
      assertFails(Reason.BROKEN, () -> readAll(blob));
    }
  }

  @Test
  void aDownloadThatCannotBeResumedFailsInsteadOfEnding() throws IOException {
    storage.write(KEY, random(300_000));
    gcs.next(Call.MEDIA, Fault.cutAnswer(100_000));
    gcs.always(Call.MEDIA, Fault.refuse(503, "backendError"));

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      assertFails(Reason.UNAVAILABLE, () -> readAll(blob));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 299_999})
  void aLengthThatContradictsTheRangeIsNeverAShortBlob(int announced) {
    byte[] bytes = random(300_000);
    storage.write(KEY, bytes);
    gcs.next(Call.MEDIA, Fault.wrongLength(announced));

    assertThat(storage.read(KEY, 300_000)).hasValue(bytes);

    gcs.always(Call.MEDIA, Fault.wrongLength(announced));
    assertFails(Reason.UNAVAILABLE, () -> storage.open(KEY, ByteRange.ALL));
    assertFails(Reason.UNAVAILABLE, () -> storage.open(KEY, new ByteRange(0, 299_999)));
  }

  @Test
  void anAnswerThatDoesNotTellTheSizeIsCompletedByAnother() throws IOException {
    gcs.hideSizeWhenUnsatisfiable();
    storage.write(KEY, new byte[0]);
    storage.write(FOLDER.child("json"), random(10));

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      assertThat(blob.size()).isZero();
      assertThat(storage.stat(KEY).orElseThrow().version()).isEqualTo(blob.version());
      assertThat(blob.body().readAllBytes()).isEmpty();
    }
    assertThatExceptionOfType(UnsatisfiableRangeException.class)
        .isThrownBy(() -> storage.open(FOLDER.child("json"), new ByteRange(10, 20)))
        .satisfies(e -> assertThat(e.size()).isEqualTo(10));
  }

  @Test
  void bytesThatWereCompressedOnTheirWayAreNotTakenForTheBlob() {
    storage.write(KEY, OLD);
    gcs.compressDownloads();

    assertFails(Reason.BROKEN, () -> storage.open(KEY, ByteRange.ALL));
  }

  @Test
  void aConnectionIsUsedAgain() throws IOException {
    int before = gcs.connections();
    storage.write(KEY, random(3 * PART));
    storage.write(FOLDER.child("json"), OLD);
    gcs.next(Call.STAT, Fault.refuse(503, "backendError"));
    for (int i = 0; i < 10; i++) {
      assertThat(storage.open(FOLDER, ByteRange.ALL)).isEmpty();
      assertThat(storage.stat(KEY)).isPresent();
      assertThat(storage.read(FOLDER.child("json"), 1000)).isPresent();
      storage.open(FOLDER.child("json"), ByteRange.ALL).orElseThrow().close();
      assertThat(storage.read(KEY, 3 * PART)).isPresent();
      assertThat(names()).hasSize(2);
      assertThat(storage.writeIfAbsent(KEY, OLD)).isFalse();
    }

    assertThat(gcs.connections()).isLessThanOrEqualTo(before + 1);
  }

  @Test
  void aReaderThatLeavesCutsTheDownload() throws Exception {
    gcs.put(NAME, new byte[64 * 1024 * 1024]);

    try (Blob blob = storage.open(KEY, ByteRange.ALL).orElseThrow()) {
      assertThat(blob.body().read()).isZero();
    }

    assertThat(gcs.nextDownloadIsCut()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 503})
  void whatWasWrittenIfAbsentIsKnownToBeOnesOwn(int status) {
    gcs.next(Call.INSERT, Fault.doneBut(status));

    assertThat(storage.writeIfAbsent(KEY, OLD)).isTrue();
    assertThat(storage.writeIfAbsent(KEY, OLD)).isFalse();

    assertThat(gcs.bytes(NAME)).isEqualTo(OLD);
  }

  @Test
  void whatAnotherWroteIsNotTakenForOnesOwn() {
    storage.write(KEY, OLD);
    gcs.next(Call.INSERT, Fault.refuse(503, "backendError"));

    assertThat(storage.writeIfAbsent(KEY, OLD)).isFalse();
  }

  @Test
  void aListThatFailsBetweenItsPagesGoesOn() {
    for (int i = 0; i < 2001; i++) {
      gcs.put("registry/images/abc/" + i, new byte[0]);
    }
    gcs.next(Call.LIST, Fault.none(), Fault.refuse(503, "backendError"), Fault.cutAnswer(100));

    assertThat(names()).hasSize(2001).doesNotHaveDuplicates();
    assertThat(gcs.count(Call.LIST)).isEqualTo(5);
  }

  @Test
  void ofManyDeletionsOnlyThoseThatFailedAreSentAgain() {
    for (int i = 0; i < 150; i++) {
      gcs.put("registry/images/abc/" + i, new byte[0]);
    }
    gcs.next(
        Call.BATCHED_DELETE,
        Fault.none(),
        Fault.refuse(503, "backendError"),
        Fault.refuse(429, "rateLimitExceeded"));

    storage.deleteAll(IntStream.range(0, 150).mapToObj(i -> FOLDER.child("" + i)).toList());

    assertThat(gcs.names()).isEmpty();
    assertThat(gcs.count(Call.BATCH)).isEqualTo(3);
    assertThat(gcs.count(Call.BATCHED_DELETE)).isEqualTo(152);
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"MEDIA", "STAT", "INSERT", "LIST", "DELETE"})
  void aServiceThatIsSilentIsAskedAgain(Call call) throws IOException {
    reconnect(GcsSettings.of(gcs, directory, "/registry", Duration.ofMillis(300)));
    storage.write(KEY, OLD);
    gcs.next(call, Fault.hang());

    assertThat(storage.read(KEY, 1000)).isPresent();
    assertThat(storage.exists(KEY)).isTrue();
    assertThat(names()).containsExactly("layer");
    storage.write(KEY, random(10));
    storage.delete(KEY);

    assertThat(gcs.count(call)).isGreaterThan(1);
  }

  @Test
  void aServiceThatStaysSilentIsUnavailable() throws IOException {
    reconnect(GcsSettings.of(gcs, directory, "/registry", Duration.ofMillis(100)));
    gcs.always(Call.STAT, Fault.hang());

    assertFails(Reason.UNAVAILABLE, () -> storage.stat(KEY));
    assertThat(gcs.count(Call.STAT)).isEqualTo(ATTEMPTS);
  }

  @Test
  void aServiceThatIsGoneIsUnavailable() {
    gcs.close();

    assertFails(Reason.UNAVAILABLE, () -> storage.stat(KEY));
    assertFails(Reason.UNAVAILABLE, () -> storage.open(KEY, ByteRange.ALL));
    assertFails(Reason.UNAVAILABLE, () -> storage.write(KEY, OLD));
    assertFails(Reason.UNAVAILABLE, () -> storage.write(KEY, random(2 * PART)));
    assertFails(Reason.UNAVAILABLE, () -> storage.probe());
  }

  @Test
  void aProbeIsNotTriedAgain() {
    gcs.always(Call.LIST, Fault.refuse(503, "backendError"));

    assertFails(Reason.UNAVAILABLE, () -> storage.probe());
    assertThat(gcs.count(Call.LIST)).isEqualTo(1);
  }

  @Test
  void aProbeDoesNotWaitForever() {
    gcs.always(Call.LIST, Fault.hang());

    assertFails(Reason.UNAVAILABLE, () -> storage.probe());
  }

  @Test
  void aKeyThatIsRefusedLaterIsDenied() throws IOException {
    gcs.always(Call.TOKEN, Fault.refuse(503, "backendError"));
    reconnect(GcsSettings.of(gcs, directory));
    assertFails(Reason.UNAVAILABLE, () -> storage.stat(KEY));

    gcs.always(Call.TOKEN, Fault.refuse(400, "invalid_grant"));
    assertFails(Reason.DENIED, () -> storage.stat(KEY));

    gcs.always(Call.TOKEN, Fault.none());
    storage.write(KEY, OLD);
    assertThat(storage.exists(KEY)).isTrue();
  }

  private static GcsBlobStorage connect(GcsStorageProperties properties) {
    return GcsBlobStorage.connect(properties, GcsSettings.withoutRedirect(), Duration.ofMillis(10));
  }

  private void reconnect(GcsStorageProperties properties) {
    storage.close();
    storage = connect(properties);
    gcs.forgetCounts();
  }

  private int requests() {
    int count = gcs.countAll();
    gcs.forgetCounts();
    return count;
  }

  private List<String> names() {
    try (Stream<String> names = storage.names(FOLDER)) {
      return names.toList();
    }
  }

  @Test
  void aCopyGoesOnWhereItWasInterrupted() {
    byte[] bytes = random(5 * 1024 * 1024);
    storage.write(KEY, bytes);
    gcs.next(Call.REWRITE, Fault.none(), Fault.refuse(503, "backendError"), Fault.doneBut(500));

    assertThat(storage.copy(KEY, FOLDER.child("copy"))).isTrue();

    assertThat(storage.read(FOLDER.child("copy"), bytes.length)).hasValue(bytes);
    assertThat(gcs.count(Call.REWRITE)).isEqualTo(7);
  }

  private static void assertFails(Reason reason, Runnable operation) {
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(operation::run)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void readAll(Blob blob) {
    try (InputStream body = blob.body()) {
      body.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError("the port promises another exception", e);
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
