package io.registry.content.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A table of the names in a layer. */
class HashedNamesTest {
  private static final byte DELETED = 1;
  private static final byte CREATED = 2;
  private static final int MANY = 100_000;

  private final HashedNames table = new HashedNames();

  @Test
  void eachOfManyNamesHasItsOwnData() {
    for (int i = 0; i < MANY; i++) {
      table.put("/file-" + i, i, (byte) (i % 100));
    }

    for (int i = 0; i < MANY; i++) {
      int place = table.find("/file-" + i);
      assertThat(table.number(place)).isEqualTo(i);
      assertThat(table.mark(place)).isEqualTo((byte) (i % 100));
    }
    assertThat(table.find("/file-" + MANY)).isNegative();
    assertThat(table.find("")).isNegative();
  }

  @Test
  void whatIsPutAgainIsReplaced() {
    table.put("/a", 1, DELETED);
    table.put("/a", 2, CREATED);

    assertThat(table.number(table.find("/a"))).isEqualTo(2);
    assertThat(table.hasMark(DELETED)).isFalse();
    assertThat(table.hasMark(CREATED)).isTrue();
  }

  @Test
  void aMarkIsChangedForOneNameOrForAll() {
    table.put("/a", 1, DELETED);
    table.put("/b", 2, DELETED);

    table.mark(table.find("/a"), CREATED);

    assertThat(table.mark(table.find("/a"))).isEqualTo(CREATED);
    assertThat(table.mark(table.find("/b"))).isEqualTo(DELETED);

    table.replaceMarks(mark -> (byte) (mark + 10));

    assertThat(table.mark(table.find("/a"))).isEqualTo((byte) 12);
    assertThat(table.mark(table.find("/b"))).isEqualTo((byte) 11);
    assertThat(table.hasMark((byte) 10)).as("of a place without a name").isFalse();
    assertThat(table.hasMark((byte) 0)).as("of a place without a name").isFalse();
  }
}
