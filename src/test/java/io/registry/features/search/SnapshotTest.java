package io.registry.features.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.ReadScope;
import io.registry.content.repository.RepositoryName;
import io.registry.features.search.Snapshot.Hits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a search finds in the index, and in which order. */
class SnapshotTest {
  private static final int ALL = 100;

  @Test
  void theBestMatchesComeFirstAndEqualOnesByName() {
    Snapshot index =
        of(
            row("zoo/other", "with redis inside"),
            row("zoo/my-redis", ""),
            row("zoo/redis-tools", ""),
            row("zoo/redis", ""),
            row("redis/anything", ""),
            row("library/Redis", ""),
            row("library/postgres", "a database"));

    assertThat(names(index.find("redis", ReadScope.EVERYTHING, 0, ALL)))
        .containsExactly(
            "library/Redis",
            "zoo/redis",
            "redis/anything",
            "zoo/redis-tools",
            "zoo/my-redis",
            "zoo/other");
  }

  @Test
  void pagesOfAllSizesMakeTheWhole() {
    Snapshot index =
        of(
            row("a/redis", ""),
            row("b/redis", ""),
            row("c/redis-x", ""),
            row("d/x-redis", ""),
            row("e/x", "redis"),
            row("f/none", ""));
    List<String> whole = names(index.find("redis", ReadScope.EVERYTHING, 0, ALL));
    assertThat(whole).hasSize(5);

    for (int size = 1; size <= 6; size++) {
      List<String> pages = new ArrayList<>();
      for (int from = 0; from < 7; from += size) {
        Hits page = index.find("redis", ReadScope.EVERYTHING, from, size);
        assertThat(page.total()).isEqualTo(5);
        pages.addAll(names(page));
      }
      assertThat(pages).as("pages of %d", size).isEqualTo(whole);
    }
  }

  @Test
  void onlyTheScopeIsFoundAndCounted() {
    Snapshot index =
        of(
            row("a/redis", ""),
            new IndexRow(RepositoryName.parse("b/redis"), true, "", true, 1),
            new IndexRow(RepositoryName.parse("c/redis"), true, "", true, 1));

    assertThat(names(index.find("redis", ReadScope.PUBLIC, 0, ALL))).containsExactly("a/redis");
    assertThat(index.find("redis", ReadScope.PUBLIC, 0, ALL).total()).isEqualTo(1);
    assertThat(names(index.find("", ReadScope.of(Set.of("c")), 0, ALL)))
        .containsExactly("a/redis", "c/redis");
    assertThat(index.find("redis", ReadScope.NOTHING, 0, ALL).total()).isZero();
    assertThat(index.hasAny(ReadScope.of(RepositoryName.parse("b/redis")))).isTrue();
    assertThat(index.hasAny(ReadScope.of(RepositoryName.parse("d/redis")))).isFalse();
  }

  @Test
  void aChangeAddsReplacesAndRemoves() {
    Snapshot index = of(row("a/a", ""), row("b/b", "old"), row("c/c", ""));

    Snapshot later =
        index.with(
            List.of(
                row("b/b", "new"),
                new IndexRow(RepositoryName.parse("c/c"), false, "", false, 2),
                new IndexRow(RepositoryName.parse("x/gone"), false, "", false, 2),
                row("a/aa", ""),
                row("d/d", "")),
            2);

    assertThat(later.revision()).isEqualTo(2);
    assertThat(names(later.find("", ReadScope.EVERYTHING, 0, ALL)))
        .containsExactly("a/a", "a/aa", "b/b", "d/d");
    assertThat(later.find("new", ReadScope.EVERYTHING, 0, ALL).total()).isEqualTo(1);
    assertThat(names(index.find("", ReadScope.EVERYTHING, 0, ALL)))
        .as("the index before")
        .containsExactly("a/a", "b/b", "c/c");
  }

  /** Names that differ in capitals only are two repositories. */
  @Test
  void afterRandomChangesEachRepositoryIsFoundAndNoOther() {
    Random random = new Random(7);
    Set<String> expected = new TreeSet<>();
    Snapshot index = Snapshot.EMPTY;
    for (int revision = 1; revision <= 200; revision++) {
      List<IndexRow> changes = new ArrayList<>();
      for (int i = random.nextInt(5); i >= 0; i--) {
        String name = (random.nextBoolean() ? "n/R" : "n/r") + random.nextInt(40);
        boolean present = random.nextInt(3) > 0;
        changes.removeIf(change -> change.repository().toString().equals(name));
        changes.add(new IndexRow(RepositoryName.parse(name), false, "", present, revision));
        if (present) {
          expected.add(name);
        } else {
          expected.remove(name);
        }
      }
      index = index.with(changes, revision);
    }

    assertThat(index.size()).isEqualTo(expected.size());
    assertThat(names(index.find("", ReadScope.EVERYTHING, 0, ALL)))
        .containsExactlyInAnyOrderElementsOf(expected);
    for (int i = 0; i < 40; i++) {
      for (String name : List.of("n/R" + i, "n/r" + i)) {
        assertThat(index.contains(RepositoryName.parse(name)))
            .as(name)
            .isEqualTo(expected.contains(name));
      }
    }
  }

  private static Snapshot of(IndexRow... rows) {
    return Snapshot.EMPTY.with(List.of(rows), 1);
  }

  private static IndexRow row(String name, String description) {
    return new IndexRow(RepositoryName.parse(name), false, description, true, 1);
  }

  private static List<String> names(Hits hits) {
    return hits.some().stream().map(row -> row.repository().toString()).toList();
  }
}
