package io.registry.content.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.StoredImages;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A tag that is set once is not removed by somebody who looked for it before it was set. */
class ImmutableRemovalTest {
  private static final RepositoryName NAME = new RepositoryName("foo", "bar");
  private static final String ID = TestImage.id("set meanwhile");

  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final SetMeanwhile changes = new SetMeanwhile();

  @Test
  void aTagThatComesAfterTheLookStays() {
    TagName tag = TagName.find("v1").orElseThrow();
    TagProperties rules =
        new TagProperties(List.of(new TagProperties.Immutable(List.of(), List.of(), List.of())));
    Tags tags =
        new Repositories(
                storage,
                new StoredImages(storage, new JsonCodec()),
                new JsonCodec(),
                Clock.systemUTC(),
                Runnable::run,
                changes,
                RepositoryEvents.UNHEARD,
                new ImmutableTags(rules),
                TrashProperties.OFF)
            .tags();

    assertThat(tags.remove(NAME, tag)).isFalse();

    assertThat(changes.begun).isFalse();
  }

  /** Somebody else sets the tag just before each change. */
  private final class SetMeanwhile implements RepositoryChanges {
    private boolean begun;

    @Override
    public <V> V call(RepositoryName repository, Supplier<V> change) {
      begun = true;
      storage.write(
          BlobKey.of("repositories", "foo", "bar", "tag_v1"),
          ID.getBytes(StandardCharsets.US_ASCII));
      return change.get();
    }
  }
}
