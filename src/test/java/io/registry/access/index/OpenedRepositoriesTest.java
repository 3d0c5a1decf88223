package io.registry.access.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.index.ImageClaims.Holder;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.database.SqlTime;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.Together;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is noted of the repositories that an account opens. */
@Tag("external")
@ParameterizedClass
@EnumSource
class OpenedRepositoriesTest {
  private static final RepositoryName APP = new RepositoryName("mallory", "app");
  private static final ImageId IMAGE = new ImageId("a".repeat(64));
  private static final Duration HOUR = Duration.ofHours(1);

  @Parameter TestDatabase database = TestDatabase.H2;

  private final PassingClock clock = new PassingClock();
  private IndexReplica index;
  private OpenedRepositories opened;

  @BeforeEach
  void empty() {
    index = IndexReplica.on(database.emptied(), clock);
    opened = new OpenedRepositories(index.database(), clock, HOUR);
    index.users("alice");
    index.claims().own(APP, IMAGE);
  }

  private Optional<Instant> end(String account) {
    return index.claims().holders(List.of(IMAGE), account, true, 10).stream()
        .findFirst()
        .flatMap(Holder::openedUntil);
  }

  private int count() {
    return index
        .database()
        .sql("select count(*) from opened_repository")
        .query(Integer.class)
        .single();
  }

  @Test
  void aNoteCountsForOneAccountUntilItsTimeIsOver() {
    opened.note("alice", APP);

    assertThat(end("alice")).contains(clock.instant().plus(HOUR));
    assertThat(end("bob")).isEmpty();
    clock.pass(HOUR.minusSeconds(1));
    assertThat(end("alice")).isPresent();
    clock.pass(Duration.ofSeconds(1));
    assertThat(end("alice")).isEmpty();

    opened.note("alice", APP);
    assertThat(end("alice")).contains(clock.instant().plus(HOUR));
  }

  @Test
  void aNoteThatIsUsedBeginsAnewWhenATenthOfItsTimeHasPassed() {
    opened.note("alice", APP);
    Instant first = end("alice").orElseThrow();

    clock.pass(Duration.ofMinutes(6));
    opened.used("alice", APP, first);
    assertThat(end("alice")).contains(first);

    clock.pass(Duration.ofMinutes(1));
    opened.used("alice", APP, first);
    assertThat(end("alice")).contains(clock.instant().plus(HOUR));
  }

  @Test
  void ofAnAccountTheLastThousandNotesAreKept() {
    opened.note("bob", APP);
    index
        .database()
        .forEach(
            "insert into opened_repository (account, namespace, repository, expires_at)"
                + " values ('alice', 'many', ?, ?)",
            IntStream.range(0, 1_200)
                .mapToObj(
                    i -> new Object[] {"r" + i, SqlTime.of(clock.instant().plusSeconds(1 + i))})
                .toList());

    clock.pass(Duration.ofSeconds(10));
    opened.note("alice", APP);

    assertThat(count()).isEqualTo(1_001);
    assertThat(end("alice")).isPresent();
    assertThat(end("bob")).isPresent();

    clock.pass(HOUR);
    opened.note("alice", APP);
    opened.note("alice", new RepositoryName("mallory", "other"));
    assertThat(count()).isEqualTo(3);
  }

  @Test
  void replicasNoteTheSameAtOnce() throws Exception {
    OpenedRepositories others =
        new OpenedRepositories(IndexReplica.on(database.shared(), clock).database(), clock, HOUR);
    for (int round = 0; round < 10; round++) {
      Together.run(List.of(() -> opened.note("alice", APP), () -> others.note("alice", APP)));

      assertThat(end("alice")).contains(clock.instant().plus(HOUR));
      clock.pass(HOUR);
    }
  }
}
