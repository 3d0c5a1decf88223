package io.registry.features.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.features.cache.RepositoryEntries.Recall;
import io.registry.testkit.RandomCases;
import io.registry.testkit.TestImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is so wherever parts of repositories are remembered. */
abstract class RepositoryEntriesContract {
  static final RepositoryName REPOSITORY = new RepositoryName("foo", "bar");
  static final RepositoryName OTHER_REPOSITORY = new RepositoryName("foo", "baz");
  static final CachePart<ImageId> LATEST = RepositoryParts.tag(TagName.LATEST);
  static final ImageId OLD = new ImageId(TestImage.id("old"));
  static final ImageId NEW = new ImageId(TestImage.id("new"));

  Epoch epoch = Epoch.NONE;

  /** The same place, as the process of that number sees it. */
  abstract RepositoryEntries entries(int process);

  /** What is remembered may get lost at any time: now some of it does. */
  abstract void lose(RandomGenerator random);

  /** Another epoch with each call, held by these entries. */
  final Epoch newEpoch() {
    return new Epoch(1, UUID.randomUUID().toString(), entries(0).holder(), true);
  }

  @BeforeEach
  void begin() {
    epoch = newEpoch();
  }

  final String token(Epoch in, RepositoryEntries entries) {
    return entries.find(in, REPOSITORY, LATEST).token().orElseThrow();
  }

  private void remember(RepositoryName repository, CachePart<ImageId> part, ImageId image) {
    String token = entries(0).find(epoch, repository, part).token().orElseThrow();
    entries(0).remember(epoch, repository, token, part, image);
  }

  private Optional<ImageId> found(RepositoryName repository, CachePart<ImageId> part) {
    return entries(0).find(epoch, repository, part).value();
  }

  @Test
  void whatIsRememberedIsFound() {
    assertThat(found(REPOSITORY, LATEST)).isEmpty();
    remember(REPOSITORY, LATEST, NEW);

    assertThat(found(REPOSITORY, LATEST)).contains(NEW);
    assertThat(entries(1).find(epoch, REPOSITORY, LATEST).value()).contains(NEW);
  }

  @Test
  void partsAndRepositoriesAreKeptApart() {
    CachePart<ImageId> other = RepositoryParts.tag(new TagName("lates"));
    remember(REPOSITORY, LATEST, NEW);
    assertThat(found(REPOSITORY, other)).isEmpty();
    assertThat(found(OTHER_REPOSITORY, LATEST)).isEmpty();

    remember(REPOSITORY, other, OLD);
    remember(OTHER_REPOSITORY, LATEST, OLD);
    assertThat(found(REPOSITORY, LATEST)).contains(NEW);
    assertThat(found(REPOSITORY, other)).contains(OLD);
    assertThat(found(OTHER_REPOSITORY, LATEST)).contains(OLD);
  }

  @Test
  void allKindsOfPartsAreRemembered() {
    Map<String, ImageId> tags = new TreeMap<>();
    for (int i = 0; i < 1000; i++) {
      tags.put("v" + i, i % 2 == 0 ? OLD : NEW);
    }
    byte[] list = "[{\"id\": \"1\"}]".getBytes(UTF_8);
    String token = token(epoch, entries(0));
    entries(0).remember(epoch, REPOSITORY, token, RepositoryParts.TAGS, tags);
    entries(0).remember(epoch, REPOSITORY, token, RepositoryParts.IMAGE_LIST, list);

    assertThat(entries(1).find(epoch, REPOSITORY, RepositoryParts.TAGS).value()).contains(tags);
    assertThat(entries(1).find(epoch, REPOSITORY, RepositoryParts.IMAGE_LIST).value())
        .hasValueSatisfying(found -> assertThat(found).isEqualTo(list));
  }

  @Test
  void whatWasRememberedInOneEpochIsNotFoundInAnother() {
    remember(REPOSITORY, LATEST, NEW);
    Epoch next = newEpoch();
    assertThat(entries(0).find(next, REPOSITORY, LATEST).value()).isEmpty();

    entries(0).remember(next, REPOSITORY, token(next, entries(0)), LATEST, OLD);
    assertThat(found(REPOSITORY, LATEST)).contains(NEW);
  }

  @Test
  void nothingIsDoneInAnEpochOfAnother() {
    Epoch theirs = new Epoch(2, epoch.id(), Optional.of("somebody else"), true);
    Epoch nobodys = new Epoch(3, epoch.id(), Optional.empty(), true);
    remember(REPOSITORY, LATEST, NEW);

    for (Epoch other : List.of(theirs, nobodys, Epoch.NONE)) {
      assertThat(entries(0).find(other, REPOSITORY, LATEST)).isEqualTo(Recall.none());
      assertThat(entries(0).block(other, REPOSITORY, "change")).isFalse();
      assertThat(entries(0).unblock(other, REPOSITORY, "change")).isFalse();
    }
  }

  @Test
  void aChangeIsForgottenBeforeAndAfter() {
    remember(REPOSITORY, LATEST, OLD);
    remember(OTHER_REPOSITORY, LATEST, OLD);

    assertThat(entries(1).block(epoch, REPOSITORY, "change")).isTrue();
    assertThat(entries(0).find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());
    assertThat(entries(1).unblock(epoch, REPOSITORY, "change")).isTrue();
    Recall<ImageId> recall = entries(0).find(epoch, REPOSITORY, LATEST);
    assertThat(recall.value()).isEmpty();
    assertThat(recall.token()).isPresent();
  }

  @Test
  void whoReadTheStoreBeforeAChangeRemembersNothing() {
    String before = token(epoch, entries(0));
    boolean blocked = entries(1).block(epoch, REPOSITORY, "change");
    entries(0).remember(epoch, REPOSITORY, before, LATEST, OLD);
    boolean unblocked = entries(1).unblock(epoch, REPOSITORY, "change");
    entries(0).remember(epoch, REPOSITORY, before, LATEST, OLD);

    assertThat(blocked && unblocked).isTrue();
    assertThat(found(REPOSITORY, LATEST)).isEmpty();
    remember(REPOSITORY, LATEST, NEW);
    entries(0).remember(epoch, REPOSITORY, before, LATEST, OLD);
    assertThat(found(REPOSITORY, LATEST)).contains(NEW);
  }

  @Test
  void whileOneOfManyChangesGoesOnNothingIsRemembered() {
    assertThat(entries(0).block(epoch, REPOSITORY, "one")).isTrue();
    assertThat(entries(1).block(epoch, REPOSITORY, "other")).isTrue();
    assertThat(entries(0).unblock(epoch, REPOSITORY, "one")).isTrue();
    assertThat(entries(0).find(epoch, REPOSITORY, LATEST)).isEqualTo(Recall.none());

    assertThat(entries(1).unblock(epoch, REPOSITORY, "other")).isTrue();
    assertThat(entries(0).find(epoch, REPOSITORY, LATEST).token()).isPresent();
  }

  @Test
  void theEndOfAChangeThatNobodyKnowsOfForgets() {
    remember(REPOSITORY, LATEST, OLD);

    assertThat(entries(1).unblock(epoch, REPOSITORY, "lost")).isTrue();
    assertThat(found(REPOSITORY, LATEST)).isEmpty();
  }

  @Test
  void nothingOlderThanTheLastChangeIsFoundInAnyOrderOfSteps() {
    RandomCases.check(300, random -> new Steps(random).take(60));
  }

  /** Readers and changes of two processes, each of which goes on a step at a time. */
  private final class Steps {
    private final RandomGenerator random;
    private final Epoch now = newEpoch();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Writer> writers = new ArrayList<>();

    /** The store: counts its changes. */
    private int stored;

    private int acknowledged;

    private record Reader(int process, String token, int read) {}

    private record Writer(int process, String change, Optional<Integer> written) {}

    Steps(RandomGenerator random) {
      this.random = random;
    }

    void take(int steps) {
      for (int i = 0; i < steps; i++) {
        switch (random.nextInt(7)) {
          case 0, 1 -> read();
          case 2 -> endOne(readers, this::remember);
          case 3 -> block();
          case 4 -> endOne(writers, this::write);
          case 5 -> endOne(writers, this::unblock);
          default -> maybeLose();
        }
      }
    }

    private <T> void endOne(List<T> all, Consumer<T> step) {
      if (!all.isEmpty()) {
        step.accept(all.remove(random.nextInt(all.size())));
      }
    }

    private void read() {
      int process = random.nextInt(2);
      Recall<byte[]> recall = entries(process).find(now, REPOSITORY, RepositoryParts.IMAGE_LIST);
      recall
          .value()
          .ifPresent(
              found ->
                  assertThat(Integer.parseInt(new String(found, UTF_8)))
                      .isGreaterThanOrEqualTo(acknowledged));
      recall.token().ifPresent(token -> readers.add(new Reader(process, token, stored)));
    }

    private void remember(Reader reader) {
      entries(reader.process())
          .remember(
              now,
              REPOSITORY,
              reader.token(),
              RepositoryParts.IMAGE_LIST,
              String.valueOf(reader.read()).getBytes(UTF_8));
    }

    private void block() {
      Writer writer = new Writer(random.nextInt(2), UUID.randomUUID().toString(), Optional.empty());
      assertThat(entries(writer.process()).block(now, REPOSITORY, writer.change())).isTrue();
      writers.add(writer);
    }

    private void write(Writer writer) {
      stored++;
      writers.add(new Writer(writer.process(), writer.change(), Optional.of(stored)));
    }

    private void unblock(Writer writer) {
      assertThat(entries(writer.process()).unblock(now, REPOSITORY, writer.change())).isTrue();
      acknowledged = Math.max(acknowledged, writer.written().orElse(0));
    }

    private void maybeLose() {
      if (random.nextInt(4) == 0) {
        lose(random);
      }
    }
  }
}
