package io.registry.operations.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.ImageId;
import io.registry.content.walk.IdSort;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdSortTest {
  @TempDir Path directory;

  @Test
  void moreIdsThanFitIntoMemoryAreSortedAndFoundAgain() throws IOException {
    List<ImageId> ids =
        IntStream.range(0, 2000)
            .mapToObj(number -> TestImage.id("image " + number))
            .flatMap(id -> Stream.of(id, id.substring(0, 16)))
            .map(ImageId::new)
            .toList();
    IdSort sort = new IdSort(directory, 10);
    for (ImageId id : ids) {
      sort.add(id);
      if (id.value().startsWith("a")) {
        sort.add(id);
      }
    }
    sort.writeTo(directory.resolve("sorted"));

    ImageFacts table = new ImageFacts(directory.resolve("sorted"), directory.resolve("facts"));

    assertThat(IntStream.range(0, table.size()).mapToObj(table::id))
        .containsExactlyElementsOf(
            ids.stream().sorted(Comparator.comparing(ImageId::value)).toList());
    assertThat(ids).allSatisfy(id -> assertThat(table.id(table.find(id))).isEqualTo(id));
    assertThat(table.find(new ImageId(TestImage.id("none")))).isEqualTo(ImageFacts.UNKNOWN);
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("sorted", "facts");
  }

  @Test
  void aStoreMayBeEmpty() throws IOException {
    new IdSort(directory, 10).writeTo(directory.resolve("sorted"));

    ImageFacts table = new ImageFacts(directory.resolve("sorted"), directory.resolve("facts"));

    assertThat(table.size()).isZero();
    assertThat(table.find(new ImageId(TestImage.id("none")))).isEqualTo(ImageFacts.UNKNOWN);
  }
}
