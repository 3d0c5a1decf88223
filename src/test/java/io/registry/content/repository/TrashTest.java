package io.registry.content.repository;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.ImageId;
import io.registry.content.image.StoredImages;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestImage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is in the trash, until its time is over. */
class TrashTest {
  private static final RepositoryName NAME = new RepositoryName("team", "a/b");
  private static final TagName TAG = new TagName("v1");
  private static final Duration WEEK = Duration.ofDays(7);

  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final PassingClock clock = new PassingClock();
  private final Repositories repositories = repositories(new TrashProperties(WEEK));
  private final Trash trash = repositories.trash();

  private Repositories repositories(TrashProperties settings) {
    JsonCodec codec = new JsonCodec();
    return new Repositories(
        storage,
        new StoredImages(storage, codec),
        codec,
        clock,
        Runnable::run,
        new UnheardChanges(),
        RepositoryEvents.UNHEARD,
        TagRule.NONE,
        settings);
  }

  private static ImageId image(String name) {
    return ImageId.valueOf(TestImage.id(name));
  }

  // A tag of a manifest needs no image.
  private static ImageId manifest(String name) {
    return ImageId.findTagged("sha256:" + TestImage.id(name)).orElseThrow();
  }

  private void set(Repositories where, String name) {
    where.tags().set(NAME, TAG, manifest(name), ClientVersions.NONE);
  }

  private List<TrashItem> items() {
    try (Stream<Trash.Placed> items = trash.items(Optional.empty(), "")) {
      return items.map(Trash.Placed::item).toList();
    }
  }

  private List<String> history() {
    return trash.history(NAME, TAG, repositories.tags().state(NAME, TAG)).stream()
        .map(version -> version.state().image().value().substring("sha256:".length()))
        .toList();
  }

  @Test
  void whatWasRemovedIsThereForItsTimeAndNotLonger() {
    set(repositories, "one");
    assertThat(repositories.tags().remove(NAME, TAG)).isTrue();
    TrashItem item = items().get(0);
    assertThat(item.repository()).isEqualTo(NAME);
    assertThat(item.name()).isEqualTo("v1");

    clock.pass(WEEK);
    trash.sweep();
    assertThat(items()).containsExactly(item);
    assertThat(history()).containsExactly(TestImage.id("one"));

    clock.pass(Duration.ofMillis(1));
    assertThat(items()).isEmpty();
    assertThat(trash.find(NAME, item.id())).isEmpty();
    assertThat(history()).isEmpty();
    trash.sweep();
    assertThat(hasTrash()).isTrue();

    clock.pass(Duration.ofHours(1));
    trash.sweep();
    assertThat(hasTrash()).isFalse();
  }

  private boolean hasTrash() {
    try (Stream<String> folders = storage.folders(Trash.ROOT)) {
      return folders.findAny().isPresent();
    }
  }

  @Test
  void aVersionOfATagIsKeptFromWhenItEnded() {
    set(repositories, "one");
    clock.pass(WEEK.multipliedBy(10));
    set(repositories, "two");
    clock.pass(WEEK);

    trash.sweep();
    assertThat(history()).containsExactly(TestImage.id("one"));
  }

  @Test
  void aTagThatIsSetAgainToTheSameHasNoVersion() {
    set(repositories, "one");
    set(repositories, "one");

    assertThat(history()).isEmpty();
    assertThat(hasTrash()).isFalse();
  }

  /** Two processes have read the same, and each moves the tag: the first one's push is not lost. */
  @Test
  void whatAnotherProcessReplacedAtTheSameTimeIsAVersion() {
    set(repositories, "one");
    TagState one = new TagState(manifest("one"), Optional.empty());
    trash.move(NAME, TAG, one, new TagState(manifest("two"), Optional.empty()));
    clock.pass(Duration.ofMillis(1));
    set(repositories, "three");

    assertThat(history())
        .containsExactly(TestImage.id("one"), TestImage.id("two"), TestImage.id("one"));
    for (TagVersion version : trash.history(NAME, TAG, repositories.tags().state(NAME, TAG))) {
      assertThat(trash.version(NAME, TAG, version.id())).contains(version);
    }
  }

  @Test
  void withoutATimeNothingIsKept() {
    Repositories off = repositories(TrashProperties.OFF);
    set(off, "one");
    set(off, "two");
    off.tags().remove(NAME, TAG);
    off.trash().removeBlob(NAME, "sha256:00", 1, Optional.of(image("layer")));
    set(off, "three");
    off.remove(NAME, false);

    assertThat(hasTrash()).isFalse();
  }

  @Test
  void aRepositoryOfAnOldReleaseComesBackInTheNewForm() {
    storage.write(
        BlobKey.of("repositories", "team", "a%2Fb", "tag_v1"),
        manifest("old").value().getBytes(US_ASCII));
    assertThat(repositories.remove(NAME, false)).isTrue();
    assertThat(repositories.tags().get(NAME, TAG)).isEmpty();

    repositories.restore(items().get(0));

    assertThat(repositories.tags().get(NAME, TAG)).contains(manifest("old"));
  }
}
