package io.registry.content.repository;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.content.image.ImageId;
import io.registry.content.image.StoredImages;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobWriter;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies in the store for the image list and the tags of a repository. */
class ImageListFilesTest {
  private static final RepositoryName NAME = new RepositoryName("foo", "bar");
  private static final BlobKey FOLDER = BlobKey.of("repositories", "foo", "bar");
  private static final BlobKey ORIGINAL = FOLDER.child("_index_images");
  private static final BlobKey GENERATIONS = FOLDER.child("_images");
  private static final String ONE = TestImage.id("one");
  private static final String TWO = TestImage.id("two");
  private static final String SENT = "[{\"id\":\"%s\",\"Tag\":\"latest\"}]".formatted(ONE);
  private static final String BOTH = "[{\"id\": \"%s\"}, {\"id\": \"%s\"}]".formatted(TWO, ONE);

  private final Recording storage = new Recording();
  private final BrokenStorage broken = new BrokenStorage(storage);
  private final Repositories repositories = repositories();
  private final ImageLists lists = repositories.imageLists();

  private Repositories repositories() {
    JsonCodec codec = new JsonCodec();
    return new Repositories(
        broken,
        new StoredImages(broken, codec),
        codec,
        Clock.systemUTC(),
        Runnable::run,
        new UnheardChanges(),
        RepositoryEvents.UNHEARD,
        TagRule.NONE,
        TrashProperties.OFF);
  }

  @Test
  void aFirstListIsKeptAsItWasSent() {
    add(SENT);

    assertThat(list()).isEqualTo(SENT);
    assertThat(text(ORIGINAL)).isEqualTo(SENT);
    assertThat(generations()).singleElement().satisfies(it -> assertThat(text(it)).isEqualTo(SENT));
  }

  @Test
  void oneFileIsLeftHoweverOftenSomethingIsAdded() {
    add(SENT);
    add("[{\"id\": \"%s\"}]".formatted(TWO));

    assertThat(list()).isEqualTo(BOTH);
    assertThat(text(ORIGINAL)).isEqualTo(BOTH);
    assertThat(generations()).singleElement().satisfies(it -> assertThat(text(it)).isEqualTo(BOTH));
  }

  @Test
  void whatIsThereAlreadyIsNotWrittenAgain() {
    add(SENT);
    storage.forget();
    add("[]");
    assertThat(storage.written).isEmpty();
    assertThat(storage.unsynced).isEmpty();

    add("[{\"id\": \"%s\"}]".formatted(TWO));
    storage.forget();
    add("[{\"id\": \"%s\"}]".formatted(TWO));
    assertThat(storage.written).isEmpty();
    assertThat(storage.unsynced).isEmpty();
  }

  @Test
  void aListOfTheOriginalIsReadAsItIsUntilSomethingIsAdded() {
    storage.write(ORIGINAL, SENT.getBytes(US_ASCII));
    storage.forget();

    assertThat(list()).isEqualTo(SENT);
    add("[]");
    assertThat(storage.written).isEmpty();
    assertThat(storage.unsynced).isEmpty();

    add("[{\"id\": \"%s\"}]".formatted(TWO));
    assertThat(list()).isEqualTo(BOTH);
    assertThat(text(ORIGINAL)).isEqualTo(BOTH);
  }

  @Test
  void whatTheOriginalAddsIsInTheList() {
    add("[{\"id\": \"%s\"}]".formatted(TWO));
    storage.write(ORIGINAL, SENT.getBytes(US_ASCII));

    assertThat(list()).isEqualTo(BOTH);
    add("[{\"id\": \"%s\"}]".formatted(TWO));
    storage.delete(ORIGINAL);
    assertThat(list()).isEqualTo(BOTH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"absent", "", "[{", "{}", "[]"})
  void theFileOfTheOriginalIsWrittenAnewWhenThePowerTookIt(String left) {
    add(SENT);
    storage.delete(ORIGINAL);
    if (!left.equals("absent")) {
      storage.write(ORIGINAL, left.getBytes(US_ASCII));
    }

    assertThat(list()).isEqualTo(SENT);
    assertThat(repositories.exists(NAME)).isTrue();
    add("[]");
    assertThat(text(ORIGINAL)).isEqualTo(SENT);
  }

  @Test
  void aDamagedGenerationHoldsNothingAndIsReplaced() {
    storage.write(ORIGINAL, SENT.getBytes(US_ASCII));
    storage.write(GENERATIONS.child("000000007_" + UUID.randomUUID()), new byte[3]);

    add("[{\"id\": \"%s\"}]".formatted(TWO));

    assertThat(list()).isEqualTo(BOTH);
    assertThat(generations())
        .singleElement()
        .satisfies(it -> assertThat(it.path()).contains("/000000008_"));
  }

  @Test
  void theChecksumThatWasAddedLastCounts() {
    String id = TestImage.id("summed");
    for (int i = 1; i < 12; i++) {
      String list = "[{\"id\": \"%s\", \"checksum\": \"sum %d\"}]".formatted(id, i);
      add(list);
      // As when the process dies before it can remove it.
      storage.write(GENERATIONS.child("%09d_%s".formatted(i, UUID.randomUUID())), bytes(list));
    }
    add("[{\"id\": \"%s\"}]".formatted(ONE));

    assertThat(list()).contains("sum 11").doesNotContain("sum 10");
  }

  @Test
  void aRemovedListAndARemovedRepositoryLeaveNothing() {
    add(SENT);
    lists.remove(NAME);
    assertThat(storage.names(FOLDER)).isEmpty();
    assertThat(generations()).isEmpty();
    assertThat(repositories.exists(NAME)).isFalse();

    add(SENT);
    assertThat(repositories.remove(NAME, false)).isTrue();
    assertThat(storage.names(FOLDER)).isEmpty();
    assertThat(generations()).isEmpty();
    assertThat(repositories.remove(NAME, false)).isFalse();
  }

  @Test
  void whatARemovalThatBrokeOffHasLeftIsRemovedByTheNextOne() {
    add(SENT);
    storage.delete(ORIGINAL);

    assertThat(repositories.exists(NAME)).isTrue();
    assertThat(repositories.remove(NAME, false)).isTrue();
    assertThat(generations()).isEmpty();
  }

  @Test
  void aListThatChangesDuringEveryLookIsGivenUp() {
    add(SENT);
    broken.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.OPEN && key.path().startsWith(GENERATIONS.path())) {
            storage.delete(key);
            storage.write(GENERATIONS.child("000000009_" + UUID.randomUUID()), bytes(SENT));
          }
          return Outcome.DONE;
        });

    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> lists.get(NAME))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
  }

  @Test
  void onlyTheListAndTheTagAreWaitedFor() {
    TestImage image = TestImage.base("one", "layer");
    storage.write(BlobKey.of("images", image.id(), "json"), image.json());
    storage.write(BlobKey.of("images", image.id(), "layer"), image.layer());
    storage.forget();

    add(SENT);
    repositories.tags().set(NAME, TagName.LATEST, new ImageId(image.id()), ClientVersions.NONE);

    assertThat(storage.written).containsExactly(generations().get(0), FOLDER.child("tag_latest"));
    assertThat(storage.unsynced)
        .containsExactly(ORIGINAL, FOLDER.child("taglatest_json"), FOLDER.child("json"));
  }

  private void add(String list) {
    lists.add(NAME, bytes(list));
  }

  private String list() {
    return new String(lists.get(NAME).orElseThrow(), US_ASCII);
  }

  private String text(BlobKey key) {
    return new String(storage.read(key, 10_000).orElseThrow(), US_ASCII);
  }

  private List<BlobKey> generations() {
    try (Stream<String> names = storage.names(GENERATIONS)) {
      return names.map(GENERATIONS::child).toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  /** A store that knows what was written durably, and what need not be. */
  private static final class Recording extends InMemoryBlobStorage {
    private final List<BlobKey> written = new ArrayList<>();
    private final List<BlobKey> unsynced = new ArrayList<>();

    void forget() {
      written.clear();
      unsynced.clear();
    }

    @Override
    public BlobWriter create(BlobKey key) {
      written.add(key);
      return super.create(key);
    }

    @Override
    public BlobWriter createUnsynced(BlobKey key) {
      unsynced.add(key);
      return super.create(key);
    }
  }
}
