package io.registry.content.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobWriter;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.PassingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When tags were pulled, and what that costs. */
class TagPullsTest {
  private static final RepositoryName NAME = new RepositoryName("team", "app");
  private static final TagName TAG = new TagName("v1");

  private final PassingClock clock = new PassingClock();
  private final AtomicInteger writes = new AtomicInteger();
  private final InMemoryBlobStorage storage =
      new InMemoryBlobStorage() {
        @Override
        public BlobWriter create(BlobKey key) {
          writes.incrementAndGet();
          return super.create(key);
        }
      };
  private final TagPulls one = new TagPulls(storage, true, clock);
  private final TagPulls other = new TagPulls(storage, true, clock);

  @Test
  void aPullWritesNothingAndTheBackgroundOnceAnHourForAllProcesses() {
    Instant first = clock.instant();
    one.note(NAME, TAG);
    assertThat(writes).hasValue(0);
    one.flush();
    assertThat(one.last(NAME, TAG)).contains(first);
    for (int i = 0; i < 100; i++) {
      clock.pass(Duration.ofSeconds(1));
      one.note(NAME, TAG);
      other.note(NAME, TAG);
      one.flush();
      other.flush();
    }
    assertThat(writes).hasValue(1);
    assertThat(other.last(NAME, TAG)).contains(first);

    clock.pass(Duration.ofHours(1));
    Instant second = clock.instant();
    TagPulls third = new TagPulls(storage, true, clock);
    third.note(NAME, TAG);
    third.flush();
    assertThat(writes).hasValue(2);
    assertThat(one.last(NAME, TAG)).contains(second);
  }

  @Test
  void aListOfAllTagsCountsForEach() {
    one.noteAll(NAME);
    one.flush();

    assertThat(one.last(NAME, TAG)).contains(clock.instant());
    assertThat(one.last(new RepositoryName("team", "other"), TAG)).isEmpty();
  }

  @Test
  void aRemovedTagIsForgotten() {
    one.note(NAME, TAG);
    one.flush();
    one.forget(NAME, TAG);

    assertThat(one.last(NAME, TAG)).isEmpty();
  }
}
