package io.registry.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.Together;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every storage driver promises. Drivers differ by answering the questions at the top. */
public abstract class BlobStorageContract {
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");

  /** What object stores tell at once is 1,000 names. */
  private static final int MORE_THAN_ONE_PAGE = 1_003;

  /** The store under test, empty when the test begins; the same one for the whole test. */
  protected abstract BlobStorage storage();

  /** The same store as another process sees it, where that makes a difference. */
  protected BlobStorage another() {
    return storage();
  }

  /** Whether the store can move a folder. */
  protected boolean movesFolders() {
    return false;
  }

  /** Whether the store may fail to read a blob that others overwrite again and again. */
  protected boolean failsBesideWriters() {
    return false;
  }

  /** Whether the store can give a blob that second name. */
  protected boolean linksBlobs(BlobKey second) {
    return false;
  }

  /** The size in bytes of a blob that an object store gets in at least three parts. */
  protected int moreThanOnePart() {
    return 1_500_001;
  }

  /** How many blobs of one folder are listed. */
  protected int many() {
    return 10_001;
  }

  /** Whether the server can list a folder of that name; false is a fault of an emulator. */
  protected boolean lists(String component) {
    return true;
  }

  /** Puts blobs {@code 0}, {@code 1}, … below a prefix; a driver may know a faster way. */
  protected void createMany(BlobKey prefix, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      storage().write(prefix.child(Integer.toString(i)), new byte[0]);
    }
  }

  @Test
  void anAbsentBlobIsFoundByNoVerb() {
    assertThat(storage().open(KEY, ByteRange.ALL)).isEmpty();
    assertThat(storage().open(KEY, new ByteRange(5, 9))).isEmpty();
    assertThat(storage().stat(KEY)).isEmpty();
    assertThat(storage().stat(KEY)).isEmpty();
    assertThat(storage().exists(KEY)).isFalse();
    assertThat(storage().read(KEY, 100)).isEmpty();
    assertThat(list(KEY)).isEmpty();
    assertThatCode(() -> storage().delete(KEY)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4097, 1_500_001})
  void aBlobIsReadAsItWasWritten(int size) throws IOException {
    byte[] bytes = random(size);

    storage().write(KEY, bytes);

    assertThat(storage().stat(KEY).orElseThrow().size()).isEqualTo(size);
    assertThat(storage().exists(KEY)).isTrue();
    assertThat(storage().read(KEY, size)).hasValue(bytes);
    try (Blob blob = open(KEY)) {
      assertThat(blob.size()).isEqualTo(size);
      assertThat(blob.offset()).isZero();
      assertThat(blob.length()).isEqualTo(size);
      assertThat(blob.version()).isNotEmpty().doesNotContainAnyWhitespaces().doesNotContain("\"");
      assertThat(storage().stat(KEY)).hasValue(new BlobInfo(size, blob.version()));
      assertThat(blob.body().readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void aBlobOfManyPartsIsReadAsItWasWrittenAndInRanges() throws IOException {
    byte[] bytes = random(moreThanOnePart());

    storage().write(KEY, bytes);

    assertThat(storage().stat(KEY).orElseThrow().size()).isEqualTo(bytes.length);
    try (Blob blob = open(KEY)) {
      assertThat(blob.body().readAllBytes()).isEqualTo(bytes);
    }
    int middle = bytes.length / 2;
    try (Blob blob =
        storage().open(KEY, new ByteRange(middle - 1000, middle + 1000)).orElseThrow()) {
      assertThat(blob.body().readAllBytes())
          .isEqualTo(Arrays.copyOfRange(bytes, middle - 1000, middle + 1001));
    }
  }

  @Test
  void aBlobOfManyPartsReplacesOneOfOnePartAndIsReplacedByIt() {
    byte[] large = random(moreThanOnePart());
    storage().write(KEY, random(10));
    storage().write(KEY, large);
    assertThat(storage().read(KEY, large.length)).hasValue(large);

    storage().write(KEY, random(11));
    assertThat(storage().read(KEY, large.length)).hasValue(random(11));
  }

  @Test
  void aWriterOfManyPartsThatIsClosedWithoutCommitLeavesTheOldBlob() {
    storage().write(KEY, random(10));

    try (BlobWriter writer = storage().create(KEY)) {
      writer.write(random(moreThanOnePart()));
      assertThat(storage().stat(KEY).orElseThrow().size()).isEqualTo(10);
    }

    assertThat(storage().read(KEY, 10)).hasValue(random(10));
    assertThat(list(BlobKey.of("images", "abc"))).containsExactly("layer");
  }

  @Test
  void writersOfManyPartsOfOneKeyDoNotDisturbEachOther() throws Exception {
    List<byte[]> contents =
        List.of(random(moreThanOnePart()), random(moreThanOnePart() + 1), random(5));

    Together.run(
        contents.stream()
            .<Together.Task>map(content -> () -> storage().write(KEY, content))
            .toList());

    byte[] found = storage().read(KEY, moreThanOnePart() + 1).orElseThrow();
    assertThat(contents).anySatisfy(content -> assertThat(content).isEqualTo(found));
  }

  @Test
  void aBlobMayBeWrittenInPieces() {
    byte[] bytes = random(1000);

    try (BlobWriter writer = storage().create(KEY)) {
      writer.write(bytes[0]);
      writer.write(bytes, 1, 0);
      writer.write(bytes, 1, 499);
      writer.write(Arrays.copyOfRange(bytes, 500, 999));
      writer.write(bytes[999]);
      writer.commit();
    }

    assertThat(storage().read(KEY, 1000)).hasValue(bytes);
  }

  @Test
  void theBufferOfAWriteMayBeUsedAgain() {
    byte[] buffer = {1, 2, 3};

    try (BlobWriter writer = storage().create(KEY)) {
      writer.write(buffer);
      Arrays.fill(buffer, (byte) 9);
      writer.write(buffer);
      writer.commit();
    }

    assertThat(storage().read(KEY, 6)).hasValue(new byte[] {1, 2, 3, 9, 9, 9});
  }

  @Test
  void aBodyIsReadByteByByteToItsEnd() throws IOException {
    storage().write(KEY, new byte[] {0, -1, 127, -128});

    try (Blob blob = storage().open(KEY, new ByteRange(1, 2)).orElseThrow();
        InputStream body = blob.body()) {
      assertThat(body.read(new byte[5], 0, 0)).isZero();
      assertThat(body.read()).isEqualTo(255);
      assertThat(body.read()).isEqualTo(127);
      assertThat(body.read()).isEqualTo(-1);
      assertThat(body.read(new byte[5])).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 1",
    "0, 99, 0, 100",
    "500, 500, 500, 1",
    "123, 456, 123, 334",
    "999, 999, 999, 1",
    "999, 1000, 999, 1",
    "10, 9223372036854775807, 10, 990",
    "0, 5000, 0, 1000"
  })
  void aRangeAnswersThoseBytesAndTheWholeSize(long first, long last, int offset, int length)
      throws IOException {
    byte[] bytes = random(1000);
    storage().write(KEY, bytes);

    try (Blob blob = storage().open(KEY, new ByteRange(first, last)).orElseThrow()) {
      assertThat(blob.size()).isEqualTo(1000);
      assertThat(blob.offset()).isEqualTo(offset);
      assertThat(blob.length()).isEqualTo(length);
      assertThat(blob.body().readAllBytes())
          .isEqualTo(Arrays.copyOfRange(bytes, offset, offset + length));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 999", "10, 990", "1000, 0", "1001, 0", "1000000, 0"})
  void aSuffixAnswersTheLastBytes(long count, int offset) throws IOException {
    byte[] bytes = random(1000);
    storage().write(KEY, bytes);

    try (Blob blob = storage().open(KEY, ByteRange.suffix(count)).orElseThrow()) {
      assertThat(blob.size()).isEqualTo(1000);
      assertThat(blob.offset()).isEqualTo(offset);
      assertThat(blob.length()).isEqualTo(1000 - offset);
      assertThat(blob.body().readAllBytes()).isEqualTo(Arrays.copyOfRange(bytes, offset, 1000));
    }
  }

  @ParameterizedTest
  @CsvSource({"1000, 1000, 1000", "1000, 5000, 9000", "0, 0, 0", "0, -1, 0", "1, 1, 1"})
  void aRangeThatBeginsPastTheEndIsUnsatisfiable(int size, long first, long last) {
    storage().write(KEY, random(size));

    assertThatExceptionOfType(UnsatisfiableRangeException.class)
        .isThrownBy(() -> storage().open(KEY, new ByteRange(first, last)))
        .satisfies(e -> assertThat(e.size()).isEqualTo(size));
  }

  @Test
  void aSmallReadRefusesALargerBlob() {
    storage().write(KEY, random(11));

    assertThat(storage().read(KEY, 11)).isPresent();
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage().read(KEY, 10))
        .withMessageContaining(KEY.path());
  }

  @Test
  void aWriteReplacesTheBlob() {
    storage().write(KEY, random(1000));
    byte[] smaller = random(10);
    storage().write(KEY, smaller);

    assertThat(storage().read(KEY, 1000)).hasValue(smaller);
    assertThat(storage().stat(KEY).orElseThrow().size()).isEqualTo(10);
  }

  @Test
  void theVersionChangesWithEveryWriteEvenOfTheSameSizeAtTheSameTime() {
    Set<String> neighbours = new HashSet<>();
    String before = "";
    for (int i = 0; i < 200; i++) {
      storage().write(KEY, new byte[] {(byte) i});
      String version = version();
      assertThat(version).isNotEqualTo(before).isEqualTo(version());
      neighbours.add(version);
      before = version;
    }
    assertThat(neighbours).hasSizeGreaterThan(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000})
  void whatIsNotThereIsWrittenOnce(int size) {
    byte[] bytes = random(size);

    assertThat(storage().writeIfAbsent(KEY, bytes)).isTrue();
    assertThat(storage().writeIfAbsent(KEY, new byte[] {1})).isFalse();
    assertThat(storage().writeIfAbsent(KEY, bytes)).isFalse();

    assertThat(storage().read(KEY, size)).hasValue(bytes);
    assertThat(list(BlobKey.of("images", "abc"))).containsExactly("layer");
    storage().delete(KEY);
    assertThat(storage().writeIfAbsent(KEY, new byte[] {1})).isTrue();
    assertThat(storage().read(KEY, 1)).hasValue(new byte[] {1});
  }

  @Test
  void aLargeBlobThatMustBeAbsentIsWrittenOnce() {
    byte[] bytes = random(moreThanOnePart());
    try (BlobWriter first = storage().createIfAbsent(KEY);
        BlobWriter second = storage().createIfAbsent(KEY)) {
      first.write(bytes);
      second.write(random(moreThanOnePart() + 1));

      assertThat(first.commit()).isTrue();
      assertThat(second.commit()).isFalse();
    }
    try (BlobWriter late = storage().createIfAbsent(KEY)) {
      late.write(random(moreThanOnePart() + 2));

      assertThat(late.commit()).isFalse();
    }
    assertThat(storage().read(KEY, bytes.length)).hasValue(bytes);
    assertThat(list(BlobKey.of("images", "abc"))).containsExactly("layer");
  }

  @Test
  void aListTellsWhatALookUpTells() {
    storage().write(KEY, random(10));
    storage().write(BlobKey.of("images", "abc", "large"), random(moreThanOnePart()));
    storage().write(BlobKey.of("images", "abc", "empty"), new byte[0]);

    try (Stream<BlobEntry> entries = storage().list(BlobKey.of("images", "abc"))) {
      assertThat(entries.toList())
          .hasSize(3)
          .allSatisfy(
              entry ->
                  assertThat(storage().stat(BlobKey.of("images", "abc", entry.name())))
                      .hasValue(entry.info()));
    }
  }

  @Test
  void aListTellsWhenABlobWasWritten() {
    Instant before = Instant.now();
    storage().write(KEY, random(10));
    Instant after = Instant.now();

    try (Stream<BlobEntry> entries = storage().list(BlobKey.of("images", "abc"))) {
      // Some stores tell seconds only, and clocks of file systems tick slowly.
      assertThat(entries.toList())
          .singleElement()
          .satisfies(
              entry ->
                  assertThat(entry.modified())
                      .isBetween(before.minusSeconds(60), after.plusSeconds(60)));
    }
  }

  @Test
  void whatIsWrittenIfAbsentMayBeReplacedByAnOrdinaryWrite() {
    assertThat(storage().writeIfAbsent(KEY, new byte[] {1})).isTrue();
    storage().write(KEY, new byte[] {2});

    assertThat(storage().writeIfAbsent(KEY, new byte[] {3})).isFalse();
    assertThat(storage().read(KEY, 1)).hasValue(new byte[] {2});
  }

  @Test
  void ofManyWhoWriteWhatIsAbsentOneSucceeds() throws Exception {
    for (int round = 0; round < 10; round++) {
      BlobKey key = BlobKey.of("images", "round" + round, "_inprogress");
      List<Integer> winners = Collections.synchronizedList(new ArrayList<>());
      Together.run(
          IntStream.range(0, 8)
              .<Together.Task>mapToObj(
                  writer ->
                      () -> {
                        if (storage().writeIfAbsent(key, new byte[] {(byte) writer})) {
                          winners.add(writer);
                        }
                      })
              .toList());

      assertThat(winners).hasSize(1);
      assertThat(storage().read(key, 1)).hasValue(new byte[] {winners.get(0).byteValue()});
    }
  }

  @Test
  void aWriterThatIsClosedWithoutCommitLeavesNothing() {
    try (BlobWriter writer = storage().create(KEY)) {
      writer.write(random(1000));
    }

    assertThat(storage().exists(KEY)).isFalse();
    assertThat(list(BlobKey.of("images", "abc"))).isEmpty();
  }

  @Test
  void aWriterThatIsClosedWithoutCommitLeavesTheOldBlob() {
    byte[] old = random(500);
    storage().write(KEY, old);
    String version = version();

    try (BlobWriter writer = storage().create(KEY)) {
      writer.write(random(1000));
    }

    assertThat(storage().read(KEY, 1000)).hasValue(old);
    assertThat(version()).isEqualTo(version);
  }

  @Test
  void aWriterMayBeClosedAgain() {
    BlobWriter writer = storage().create(KEY);
    writer.write(7);
    writer.commit();
    writer.close();
    writer.close();

    assertThat(storage().read(KEY, 1)).hasValue(new byte[] {7});
  }

  @Test
  void anAbandonedWriterMayBeClosedAgain() {
    BlobWriter writer = storage().create(KEY);
    writer.write(7);
    writer.close();
    writer.close();

    assertThat(storage().exists(KEY)).isFalse();
  }

  @Test
  void whatIsNotCommittedIsInvisible() {
    try (BlobWriter writer = storage().create(KEY)) {
      writer.write(random(300_000));

      assertThat(storage().open(KEY, ByteRange.ALL)).isEmpty();
      assertThat(storage().stat(KEY)).isEmpty();
      assertThat(list(BlobKey.of("images", "abc"))).isEmpty();
      assertThat(list(BlobKey.of("images"))).isEmpty();

      writer.commit();
      assertThat(storage().stat(KEY).orElseThrow().size()).isEqualTo(300_000);
    }
  }

  @Test
  void readersDuringWritesSeeTheOldBlobOrTheNewOne() throws Exception {
    AtomicBoolean written = new AtomicBoolean();
    storage().write(KEY, pattern(0));
    List<Together.Task> tasks = new ArrayList<>();
    for (int reader = 0; reader < 10; reader++) {
      tasks.add(
          () -> {
            do {
              assertWhole(storage().read(KEY, 1_000_000));
              assertThat(storage().stat(KEY).orElseThrow().size()).isBetween(50_000L, 51_000L);
              assertThat(list(BlobKey.of("images", "abc"))).containsOnly("layer");
            } while (!written.get());
          });
    }
    tasks.add(() -> overwriteAHundredTimes(written));

    Together.run(tasks);

    assertThat(storage().read(KEY, 1_000_000)).hasValue(pattern(100));
  }

  private void overwriteAHundredTimes(AtomicBoolean written) {
    try {
      for (int i = 1; i <= 100; i++) {
        storage().write(KEY, pattern(i));
      }
    } finally {
      written.set(true);
    }
  }

  @Test
  void theVersionThatAReaderGetsBelongsToItsBytes() throws Exception {
    AtomicBoolean written = new AtomicBoolean();
    storage().write(KEY, pattern(0));
    List<Together.Task> tasks = new ArrayList<>();
    List<Set<String>> seen = new ArrayList<>();
    for (int reader = 0; reader < 4; reader++) {
      Set<String> pairs = new HashSet<>();
      seen.add(pairs);
      tasks.add(
          () -> {
            do {
              try (Blob blob = open(KEY)) {
                pairs.add(blob.version() + " " + blob.body().read());
              }
            } while (!written.get());
          });
    }
    tasks.add(() -> overwriteAHundredTimes(written));

    Together.run(tasks);

    List<String> pairs = seen.stream().flatMap(Set::stream).distinct().toList();
    assertThat(pairs.stream().map(pair -> pair.substring(0, pair.indexOf(' '))))
        .doesNotHaveDuplicates();
  }

  @Test
  void writersOfOneKeyDoNotDisturbEachOther() throws Exception {
    Together.run(
        IntStream.range(0, 8)
            .<Together.Task>mapToObj(
                thread ->
                    () -> {
                      for (int i = 0; i < 20; i++) {
                        storage().write(KEY, pattern(thread * 20 + i));
                        assertWholeBesideWriters();
                      }
                    })
            .toList());

    assertWhole(storage().read(KEY, 1_000_000));
  }

  private void assertWholeBesideWriters() {
    Optional<byte[]> read;
    try {
      read = storage().read(KEY, 1_000_000);
    } catch (StorageException e) {
      if (failsBesideWriters()) {
        return;
      }
      throw e;
    }
    assertWhole(read);
  }

  @Test
  void ofTwoOpenWritersTheLastToCommitWins() {
    try (BlobWriter first = storage().create(KEY);
        BlobWriter second = storage().create(KEY)) {
      first.write(1);
      second.write(2);
      second.commit();
      assertThat(storage().read(KEY, 1)).hasValue(new byte[] {2});
      first.commit();
    }

    assertThat(storage().read(KEY, 1)).hasValue(new byte[] {1});
  }

  @Test
  void anOpenBlobKeepsItsBytesWhileTheKeyIsOverwrittenOrDeleted() throws IOException {
    byte[] old = random(300_000);
    storage().write(KEY, old);

    try (Blob overwritten = open(KEY);
        Blob deleted = open(KEY)) {
      InputStream body = overwritten.body();
      byte[] begin = body.readNBytes(1000);
      storage().write(KEY, random(10));
      assertThat(begin).isEqualTo(Arrays.copyOf(old, 1000));
      assertThat(body.readAllBytes()).isEqualTo(Arrays.copyOfRange(old, 1000, old.length));
      storage().delete(KEY);
      assertThat(deleted.size()).isEqualTo(old.length);
      assertThat(deleted.body().readAllBytes()).isEqualTo(old);
    }
  }

  @Test
  void aBlobMayBeDeletedTwice() {
    storage().write(KEY, random(10));

    storage().delete(KEY);
    storage().delete(KEY);

    assertThat(storage().exists(KEY)).isFalse();
    assertThat(storage().open(KEY, ByteRange.ALL)).isEmpty();
  }

  @Test
  void aVersionIsDeletedOnlyWhileTheBlobHasIt() {
    storage().write(KEY, "old".getBytes(StandardCharsets.UTF_8));
    String old = storage().stat(KEY).orElseThrow().version();
    storage().write(KEY, "newer".getBytes(StandardCharsets.UTF_8));
    String newer = storage().stat(KEY).orElseThrow().version();

    assertThat(storage().deleteVersion(KEY, old)).isFalse();
    assertThat(storage().read(KEY, 10)).contains("newer".getBytes(StandardCharsets.UTF_8));
    assertThat(storage().deleteVersion(KEY, newer)).isTrue();
    assertThat(storage().exists(KEY)).isFalse();
    assertThat(storage().deleteVersion(KEY, newer)).isFalse();
  }

  @Test
  void theSameBytesAreAnotherVersionForADeletion() {
    assumeTrue(storage().deletesVersions());
    storage().write(KEY, new byte[] {1});
    String old = storage().stat(KEY).orElseThrow().version();
    storage().write(KEY, new byte[] {1});

    assertThat(storage().deleteVersion(KEY, old)).isFalse();
    assertThat(another().read(KEY, 1)).contains(new byte[] {1});
  }

  @Test
  void aBlobThatIsReplacedWhileAnOlderVersionIsDeletedStays() throws Exception {
    assumeTrue(storage().deletesVersions());
    for (int round = 0; round < 20; round++) {
      storage().write(KEY, new byte[] {1});
      String old = storage().stat(KEY).orElseThrow().version();
      Together.run(
          List.of(
              () -> another().write(KEY, new byte[] {2}),
              () -> storage().deleteVersion(KEY, old),
              () -> another().deleteVersion(KEY, old)));

      assertThat(storage().read(KEY, 1)).contains(new byte[] {2});
    }
  }

  @Test
  void manyBlobsAreDeletedTogetherAndAbsentOnesAreNoError() {
    BlobKey prefix = BlobKey.of("repositories", "library", "some");
    List<BlobKey> keys = new ArrayList<>();
    for (String name : List.of("tag_1", "tag_b%2Fc", "tag_a b", "tag_a+b", "tag_<&>\"'")) {
      keys.add(prefix.child(name));
      storage().write(prefix.child(name), random(1));
    }
    keys.add(prefix.child("absent"));
    storage().write(prefix.child("kept"), random(1));

    storage().deleteAll(keys);
    storage().deleteAll(List.of());

    assertThat(list(prefix)).containsExactly("kept");
  }

  @Test
  void thousandsOfBlobsAreDeletedTogether() throws IOException {
    BlobKey prefix = BlobKey.of("repositories", "library", "many");
    createMany(prefix, 1_001);

    storage().deleteAll(list(prefix).stream().map(prefix::child).toList());

    assertThat(list(prefix)).isEmpty();
  }

  @Test
  void whatIsWrittenUnsyncedIsABlobLikeAnyOther() {
    byte[] bytes = random(moreThanOnePart());
    try (BlobWriter writer = storage().createUnsynced(KEY)) {
      writer.write(bytes);
      assertThat(storage().exists(KEY)).isFalse();
      assertThat(writer.commit()).isTrue();
    }
    assertThat(storage().read(KEY, bytes.length)).hasValue(bytes);

    try (BlobWriter abandoned = storage().createUnsynced(KEY)) {
      abandoned.write(1);
    }
    assertThat(storage().read(KEY, bytes.length)).hasValue(bytes);

    writeUnsynced(KEY, new byte[] {2});
    assertThat(storage().read(KEY, 1)).hasValue(new byte[] {2});
    assertThat(another().read(KEY, 1)).hasValue(new byte[] {2});
  }

  @Test
  void whatIsDeletedUnsyncedIsGoneWithItsFolder() {
    BlobKey kept = BlobKey.of("images", "abd", "json");
    storage().write(KEY, random(1));
    storage().write(kept, random(1));

    storage().deleteAllUnsynced(List.of(KEY, KEY.child("absent"), BlobKey.of("absent")));
    storage().deleteAllUnsynced(List.of());

    assertThat(storage().exists(KEY)).isFalse();
    assertThat(folders(BlobKey.of("images"))).containsExactly("abd");
    assertThat(storage().exists(kept)).isTrue();
  }

  @Test
  void aCopyHasTheBytesAndReplacesWhatWasThere() {
    BlobKey target = BlobKey.of("repositories", "a b", "b%252Fc", "tag_ä+&=?#");
    for (int size : new int[] {0, 1, moreThanOnePart(), 11}) {
      storage().write(KEY, random(size));

      assertThat(storage().copy(KEY, target)).isTrue();

      assertThat(storage().read(target, moreThanOnePart())).hasValue(random(size));
      assertThat(storage().read(KEY, moreThanOnePart())).hasValue(random(size));
    }
    assertThat(storage().copy(target, BlobKey.of("images", "back"))).isTrue();
    assertThat(storage().read(BlobKey.of("images", "back"), 100)).hasValue(random(11));
  }

  @Test
  void aCopyStaysWhenWhatItWasMadeOfChanges() {
    BlobKey target = BlobKey.of("images", "abd", "layer");
    storage().write(KEY, random(10));
    assertThat(storage().copy(KEY, target)).isTrue();

    storage().write(KEY, random(11));
    assertThat(storage().read(target, 100)).hasValue(random(10));
    storage().delete(KEY);
    assertThat(storage().read(target, 100)).hasValue(random(10));
  }

  @Test
  void whatIsAbsentIsNotCopied() {
    BlobKey target = BlobKey.of("images", "abd", "layer");
    storage().write(target, random(10));

    assertThat(storage().copy(KEY, target)).isFalse();

    assertThat(storage().read(target, 10)).hasValue(random(10));
  }

  @Test
  void readersDuringCopiesSeeTheOldBlobOrTheNewOne() throws Exception {
    List<BlobKey> sources = List.of(BlobKey.of("a", "0"), BlobKey.of("a", "1"));
    for (int i = 0; i < sources.size(); i++) {
      storage().write(sources.get(i), pattern(i));
    }
    storage().write(KEY, pattern(0));
    AtomicBoolean copied = new AtomicBoolean();

    Together.run(
        List.of(
            () -> {
              do {
                assertWhole(storage().read(KEY, 1_000_000));
              } while (!copied.get());
            },
            () -> {
              try {
                for (int i = 1; i <= 30; i++) {
                  assertThat(storage().copy(sources.get(i % 2), KEY)).isTrue();
                }
              } finally {
                copied.set(true);
              }
            }));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000})
  void aLinkIsASecondNameThatOutlivesTheFirst(int size) {
    BlobKey second = BlobKey.of("_blobs", "a b", "%2F");
    writeUnsynced(KEY, random(size));

    if (!linksBlobs(second)) {
      assertThat(storage().link(KEY, second)).isEqualTo(LinkResult.UNSUPPORTED);
      assertThat(list(BlobKey.of("_blobs", "a b"))).isEmpty();
      return;
    }
    assertThat(storage().link(KEY, second)).isEqualTo(LinkResult.LINKED);

    assertThat(storage().read(second, size)).hasValue(random(size));
    assertThat(storage().read(KEY, size)).hasValue(random(size));
    storage().write(KEY, random(size + 1));
    assertThat(storage().read(second, size)).hasValue(random(size));
    storage().delete(KEY);
    assertThat(storage().read(second, size)).hasValue(random(size));
    assertThat(storage().link(second, KEY)).isEqualTo(LinkResult.LINKED);
    assertThat(storage().read(KEY, size)).hasValue(random(size));
  }

  @Test
  void aLinkReplacesNothing() {
    BlobKey second = BlobKey.of("images", "abd", "layer");
    storage().write(KEY, random(10));
    storage().write(second, random(11));

    assertThat(storage().link(KEY, second))
        .isEqualTo(linksBlobs(second) ? LinkResult.LINKED : LinkResult.UNSUPPORTED);

    assertThat(storage().read(second, 11)).hasValue(random(11));
    assertThat(storage().read(KEY, 10)).hasValue(random(10));
  }

  @Test
  void whatIsAbsentIsNotLinked() {
    BlobKey second = BlobKey.of("images", "abd", "layer");
    storage().write(KEY.child("below"), random(1));

    assertThat(List.of(storage().link(BlobKey.of("absent"), second), storage().link(KEY, second)))
        .containsOnly(linksBlobs(second) ? LinkResult.ABSENT : LinkResult.UNSUPPORTED);

    assertThat(list(BlobKey.of("images", "abd"))).isEmpty();
    assertThat(folders(BlobKey.of("images"))).containsExactly("abc");
  }

  @Test
  void aFolderIsMovedWholeOrNotAtAll() {
    BlobKey from = BlobKey.of("_staging", "abc", "client");
    BlobKey to = BlobKey.of("images", "abc");
    stage(from, 1);
    storage().write(from.child("late"), random(1));

    assertThat(storage().moveFolder(from, to)).isEqualTo(movesFolders());

    BlobKey found = movesFolders() ? to : from;
    assertThat(list(found)).containsExactlyInAnyOrder("json", "layer", "late");
    assertThat(storage().read(found.child("json"), 1)).hasValue(new byte[] {1});
    assertThat(list(movesFolders() ? from : to)).isEmpty();
    assertThat(folders(BlobKey.of("_staging", "abc")).isEmpty()).isEqualTo(movesFolders());
    storage().write(from.child("json"), new byte[] {2});
    assertThat(storage().read(from.child("json"), 1)).hasValue(new byte[] {2});
  }

  @Test
  void aFolderIsNotMovedOntoBlobs() {
    BlobKey from = BlobKey.of("_staging", "abc", "client");
    BlobKey to = BlobKey.of("images", "abc");
    stage(from, 1);
    storage().write(to.child("_inprogress"), random(1));

    assertThat(storage().moveFolder(from, to)).isFalse();

    assertThat(list(from)).containsExactlyInAnyOrder("json", "layer");
    assertThat(list(to)).containsExactly("_inprogress");
    storage().delete(to.child("_inprogress"));
    assertThat(storage().moveFolder(from, to)).isEqualTo(movesFolders());
  }

  @Test
  void aFolderThatIsAbsentIsNotMoved() {
    BlobKey to = BlobKey.of("images", "abc");

    assertThat(storage().moveFolder(BlobKey.of("_staging", "abc"), to)).isFalse();

    assertThat(list(to)).isEmpty();
  }

  @Test
  void ofManyWhoMoveToOneFolderOneSucceedsAndReadersSeeNoneOrAllOfIt() throws Exception {
    int movers = movesFolders() ? 6 : 1;
    for (int round = 0; round < (movesFolders() ? 30 : 1); round++) {
      // Its parents come and go with it.
      BlobKey to = BlobKey.of("images", "abc");
      AtomicBoolean done = new AtomicBoolean();
      List<Integer> winners = Collections.synchronizedList(new ArrayList<>());
      List<Together.Task> tasks = new ArrayList<>();
      for (int i = 0; i < movers; i++) {
        int mover = i;
        BlobKey from = BlobKey.of("_staging", "abc", "client" + mover);
        stage(from, mover);
        tasks.add(
            () -> {
              try {
                BlobStorage mine = mover % 2 == 0 ? storage() : another();
                if (mine.moveFolder(from, to)) {
                  winners.add(mover);
                }
              } finally {
                done.set(true);
              }
            });
      }
      tasks.add(
          () -> {
            do {
              assertThat(list(to).size()).isIn(0, 2);
            } while (!done.get());
          });

      Together.run(tasks);

      assertThat(winners).hasSize(movesFolders() ? 1 : 0);
      for (int winner : winners) {
        assertThat(list(to)).containsExactlyInAnyOrder("json", "layer");
        for (String name : list(to)) {
          assertThat(storage().read(to.child(name), 1)).hasValue(new byte[] {(byte) winner});
        }
      }
      storage().deleteAll(List.of(to.child("json"), to.child("layer")));
      assertThat(list(to)).isEmpty();
    }
  }

  @Test
  void ofManyWhoMoveOneFolderOneSucceeds() throws Exception {
    for (int round = 0; round < 10; round++) {
      BlobKey from = BlobKey.of("_staging", "abc", "client");
      stage(from, round);
      List<BlobKey> winners = Collections.synchronizedList(new ArrayList<>());
      Together.run(
          IntStream.range(0, 4)
              .mapToObj(mover -> BlobKey.of("images", "target" + mover))
              .<Together.Task>map(
                  to ->
                      () -> {
                        if (another().moveFolder(from, to)) {
                          winners.add(to);
                        }
                      })
              .toList());

      assertThat(winners).hasSize(movesFolders() ? 1 : 0);
      for (BlobKey winner : winners) {
        assertThat(list(winner)).containsExactlyInAnyOrder("json", "layer");
        storage().deleteAll(List.of(winner.child("json"), winner.child("layer")));
      }
      assertThat(folders(BlobKey.of("images"))).isEmpty();
    }
  }

  private void stage(BlobKey folder, int content) {
    writeUnsynced(folder.child("json"), new byte[] {(byte) content});
    writeUnsynced(folder.child("layer"), new byte[] {(byte) content});
  }

  private void writeUnsynced(BlobKey key, byte[] bytes) {
    try (BlobWriter writer = storage().createUnsynced(key)) {
      writer.write(bytes);
      assertThat(writer.commit()).isTrue();
    }
  }

  @Test
  void aStoreThatWorksAnswersAProbeEvenWhenItIsEmpty() {
    assertThatCode(() -> storage().probe()).doesNotThrowAnyException();
    storage().write(KEY, random(1));
    assertThatCode(() -> storage().probe()).doesNotThrowAnyException();
    assertThat(storage().describe()).isNotBlank();
  }

  @Test
  void aDeleteTakesThatBlobAndNoOther() {
    BlobKey sibling = BlobKey.of("images", "abc", "layer2");
    BlobKey cousin = BlobKey.of("images", "abd", "layer");
    storage().write(KEY, random(10));
    storage().write(sibling, random(10));
    storage().write(cousin, random(10));

    storage().delete(KEY);
    storage().delete(BlobKey.of("images", "abc"));
    storage().delete(BlobKey.of("images"));

    assertThat(list(BlobKey.of("images", "abc"))).containsExactly("layer2");
    assertThat(storage().exists(cousin)).isTrue();
  }

  @Test
  void aPrefixWithoutBlobsIsEmptyAndMayBeUsedAgain() {
    for (int i = 0; i < 3; i++) {
      storage().write(KEY, random(10));
      assertThat(list(BlobKey.of("images", "abc"))).containsExactly("layer");

      storage().delete(KEY);
      assertThat(list(BlobKey.of("images", "abc"))).isEmpty();
      assertThat(storage().exists(BlobKey.of("images", "abc"))).isFalse();
    }
    storage().write(BlobKey.of("images", "abc"), random(10));
    assertThat(storage().stat(BlobKey.of("images", "abc")).orElseThrow().size()).isEqualTo(10);
  }

  @Test
  void blobsOfOnePrefixMayComeAndGoAtTheSameTime() throws Exception {
    BlobKey prefix = BlobKey.of("deep", "er", "race");

    Together.run(
        IntStream.range(0, 6)
            .<Together.Task>mapToObj(
                thread ->
                    () -> {
                      BlobKey key = prefix.child("k" + thread);
                      for (int i = 0; i < 150; i++) {
                        storage().write(key, new byte[] {(byte) i});
                        assertThat(storage().read(key, 1)).hasValue(new byte[] {(byte) i});
                        assertThat(list(prefix)).contains("k" + thread);
                        storage().delete(key);
                        assertThat(storage().exists(key)).isFalse();
                        assertThat(list(prefix)).doesNotContain("k" + thread);
                      }
                    })
            .toList());

    assertThat(list(prefix)).isEmpty();
  }

  @Test
  void aListNamesTheDirectChildrenOnly() {
    storage().write(BlobKey.of("a", "b", "one"), random(1));
    storage().write(BlobKey.of("a", "b", "two"), random(1));
    storage().write(BlobKey.of("a", "b", "c", "deeper"), random(1));
    storage().write(BlobKey.of("a", "bb", "neighbour"), random(1));
    storage().write(BlobKey.of("a", "above"), random(1));

    assertThat(list(BlobKey.of("a", "b"))).containsExactlyInAnyOrder("one", "two");
    assertThat(list(BlobKey.of("a"))).containsExactly("above");
  }

  @Test
  void aListOfABlobOrOfNothingIsEmpty() {
    storage().write(KEY, random(1));

    assertThat(list(KEY)).isEmpty();
    assertThat(list(KEY.child("below"))).isEmpty();
    assertThat(list(BlobKey.of("nowhere"))).isEmpty();
  }

  @Test
  void whatWouldLieBelowABlobIsAbsent() {
    storage().write(KEY, random(1));

    assertThat(storage().open(KEY.child("below"), ByteRange.ALL)).isEmpty();
    assertThat(storage().stat(KEY.child("below"))).isEmpty();
    assertThatCode(() -> storage().delete(KEY.child("below"))).doesNotThrowAnyException();
    assertThat(storage().exists(KEY)).isTrue();
  }

  @Test
  void aListNamesThousandsOfBlobs() throws IOException {
    BlobKey prefix = BlobKey.of("repositories", "library", "many");
    createMany(prefix, many());

    assertThat(list(prefix))
        .hasSize(many())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, many()).mapToObj(Integer::toString).toList());
  }

  @Test
  void foldersAreWhatBlobsLieIn() {
    storage().write(BlobKey.of("a", "b", "one"), random(1));
    storage().write(BlobKey.of("a", "b", "two"), random(1));
    storage().write(BlobKey.of("a", "c", "much", "much", "deeper"), random(1));
    storage().write(BlobKey.of("a", "blob"), random(1));
    storage().write(BlobKey.of("aa", "neighbour", "blob"), random(1));

    assertThat(folders(BlobKey.of("a"))).containsExactlyInAnyOrder("b", "c");
    assertThat(folders(BlobKey.of("a", "c"))).containsExactly("much");
    assertThat(folders(BlobKey.of("a", "b"))).isEmpty();
    assertThat(folders(BlobKey.of("a", "blob"))).isEmpty();
    assertThat(folders(BlobKey.of("nowhere"))).isEmpty();
    assertThat(folders(BlobKey.of("nowhere", "at all"))).isEmpty();
  }

  @Test
  void aFolderIsGoneWithItsLastBlob() {
    storage().write(BlobKey.of("a", "b", "c", "one"), random(1));
    storage().write(BlobKey.of("a", "d", "two"), random(1));

    storage().delete(BlobKey.of("a", "b", "c", "one"));

    assertThat(folders(BlobKey.of("a"))).containsExactly("d");
  }

  @Test
  void allOfManyFoldersAreNamed() throws IOException {
    BlobKey prefix = BlobKey.of("repositories", "many");
    for (int i = 0; i < MORE_THAN_ONE_PAGE; i++) {
      createMany(prefix.child("folder" + i), 1);
    }

    assertThat(folders(prefix))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, MORE_THAN_ONE_PAGE).mapToObj(i -> "folder" + i).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "b%2Fc",
        "b%252Fc",
        "%2B",
        "%252B",
        "%2525",
        "%",
        "%2E%2E",
        "%252E%252E",
        "%0A",
        "a b",
        "a+b",
        "~",
        "tag_~",
        ".hidden",
        "..x",
        "x..",
        "a..b",
        "a.b-c_d",
        "tag_x_json",
        "_inprogress",
        "!$&'()*,;=:@",
        "\"",
        "<>|?",
        "#"
      })
  void aComponentIsTakenAsItIs(String component) {
    assumeTrue(lists(component), "the server cannot list " + component);
    BlobKey key = BlobKey.of("repositories", component, component);
    byte[] bytes = component.getBytes(StandardCharsets.UTF_8);

    storage().write(key, bytes);

    assertThat(storage().read(key, 100)).hasValue(bytes);
    assertThat(list(BlobKey.of("repositories", component))).containsExactly(component);
    assertThat(folders(BlobKey.of("repositories"))).containsExactly(component);
    storage().delete(key);
    assertThat(storage().exists(key)).isFalse();
  }

  @Test
  void componentsThatDecodeToTheSameAreDifferentKeys() {
    List<String> components =
        List.of("b%2Fc", "b%252Fc", "b%2fc", "a b", "a+b", "a%20b", "a%2Bb", "~", "%7E", "A B");
    BlobKey prefix = BlobKey.of("repositories", "library");
    for (String component : components) {
      storage().write(prefix.child(component), component.getBytes(StandardCharsets.UTF_8));
    }

    assertThat(list(prefix)).containsExactlyInAnyOrderElementsOf(components);
    for (String component : components) {
      assertThat(storage().read(prefix.child(component), 100))
          .hasValue(component.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void theLongestComponentIsAKey() {
    BlobKey key = BlobKey.of("x".repeat(BlobKey.MAX_COMPONENT), "y".repeat(BlobKey.MAX_COMPONENT));

    storage().write(key, random(10));

    assertThat(storage().stat(key).orElseThrow().size()).isEqualTo(10);
  }

  @Test
  void aPathThatIsTooLongForTheStoreIsAbsent() {
    BlobKey key = new BlobKey("x".repeat(200) + ("/" + "y".repeat(200)).repeat(40));

    assertThat(storage().exists(key)).isFalse();
    assertThat(storage().open(key, ByteRange.ALL)).isEmpty();
    assertThat(list(key)).isEmpty();
    assertThatCode(() -> storage().delete(key)).doesNotThrowAnyException();
  }

  /** The names below a prefix. */
  protected final List<String> list(BlobKey prefix) {
    try (Stream<String> names = storage().names(prefix)) {
      return names.toList();
    }
  }

  private List<String> folders(BlobKey prefix) {
    try (Stream<String> names = storage().folders(prefix)) {
      return names.toList();
    }
  }

  /** Bytes that look like nothing, the same for the same size. */
  protected static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private Blob open(BlobKey key) {
    return storage().open(key, ByteRange.ALL).orElseThrow();
  }

  private String version() {
    try (Blob blob = open(KEY)) {
      return blob.version();
    }
  }

  // Its size and each of its bytes tell which one it is.
  private static byte[] pattern(int number) {
    byte[] bytes = new byte[50_000 + number];
    Arrays.fill(bytes, (byte) number);
    return bytes;
  }

  private static void assertWhole(Optional<byte[]> bytes) {
    assertThat(bytes).isPresent();
    byte[] found = bytes.get();
    assertThat(found).isEqualTo(pattern(found.length - 50_000));
  }
}
