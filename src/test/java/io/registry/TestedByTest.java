package io.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each class of more than 120 lines has a test class of its name, or {@code tested-by.txt} says
 * where it is tested.
 */
class TestedByTest {
  private static final int SMALL = 120;
  private static final int MOST_TESTS = 3;
  private static final Path MAIN = Path.of("src/main/java/io/registry");
  private static final Path TESTS = Path.of("src/test/java/io/registry");
  private static final Path LIST = Path.of("src/test/resources/tested-by.txt");
  private static final List<String> KINDS =
      List.of("Test", "HttpTest", "ProcessTest", "FuzzTest", "Contract");

  private final List<Line> lines = lines();

  /** A line of the file, {@code CLASS: TEST, TEST}, with names below this package. */
  private record Line(String type, List<String> tests) {
    static Line of(String text) {
      int colon = text.indexOf(": ");
      assertThat(colon).as(text).isPositive();
      return new Line(text.substring(0, colon), List.of(text.substring(colon + 2).split(", ")));
    }
  }

  @Test
  void eachLargerClassHasATestOfItsNameOrALine() throws IOException {
    try (Stream<Path> files = Files.walk(MAIN)) {
      assertThat(
              files
                  .filter(file -> file.toString().endsWith(".java") && isLarger(file))
                  .map(TestedByTest::name)
                  .filter(type -> !hasTestOfItsName(type) && !types().contains(type)))
          .as("classes of more than %d lines without a test of their name or a line", SMALL)
          .isEmpty();
    }
  }

  @Test
  void eachLineIsForALargerClassWithoutATestOfItsName() {
    assertThat(types().stream().filter(type -> !Files.exists(file(MAIN, type))))
        .as("classes that are not there")
        .isEmpty();
    assertThat(
            types().stream().filter(type -> !isLarger(file(MAIN, type)) || hasTestOfItsName(type)))
        .as("lines that are not needed: the class is small, or has a test of its name")
        .isEmpty();
  }

  @Test
  void eachLineNamesUpToThreeTestsThatAreThere() {
    for (Line line : lines) {
      assertThat(line.tests())
          .as(line.type())
          .doesNotHaveDuplicates()
          .hasSizeBetween(1, MOST_TESTS)
          .allMatch(TestedByTest::isTest, "is a test");
    }
  }

  @Test
  void theLinesAreInAlphabeticalOrder() {
    assertThat(types()).isSorted().doesNotHaveDuplicates();
  }

  private List<String> types() {
    return lines.stream().map(Line::type).toList();
  }

  private static boolean hasTestOfItsName(String type) {
    return KINDS.stream().anyMatch(kind -> Files.exists(file(TESTS, type + kind)));
  }

  private static boolean isTest(String name) {
    return name.matches(".*(Test|Contract|IT)") && Files.exists(file(TESTS, name));
  }

  private static boolean isLarger(Path file) {
    return read(file).size() > SMALL;
  }

  private static Path file(Path root, String name) {
    return root.resolve(name.replace('.', '/') + ".java");
  }

  private static String name(Path file) {
    return MAIN.relativize(file).toString().replace(".java", "").replace('/', '.');
  }

  private static List<Line> lines() {
    return read(LIST).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(Line::of)
        .toList();
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
