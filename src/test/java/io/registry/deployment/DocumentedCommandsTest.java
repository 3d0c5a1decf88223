package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.deployment.DocumentedCommands.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands in the documents are tried out, or it is said why they are not. */
class DocumentedCommandsTest {
  private static final Pattern COMMENT = Pattern.compile("run|run by [\\w./-]+|not run: \\S.+");
  private static final Pattern TESTED_BY =
      Pattern.compile("(?<=run by )[\\w./-]+|\\b\\w+(?:Test|IT)\\b");
  private static final Pattern OPTION = Pattern.compile("--(registry\\.[a-z0-9.-]+)");
  private static final Pattern SETTING =
      Pattern.compile("^\\| `(registry\\.[a-z0-9.-]+)`", Pattern.MULTILINE);

  static Stream<Path> pages() {
    return DocumentedCommands.pages().stream();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void eachCommandIsRunOrSaysWhyNot(Path page) {
    assertThat(DocumentedCommands.blocks(page))
        .allSatisfy(block -> assertThat(block.comment()).as("%s", block).matches(COMMENT));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatRunsThemIsThere(Path page) throws IOException {
    for (Block block : DocumentedCommands.blocks(page)) {
      for (MatchResult by : TESTED_BY.matcher(block.comment()).results().toList()) {
        assertThat(isThere(by.group())).as("%s: %s", block, by.group()).isTrue();
      }
    }
  }

  private static boolean isThere(String name) throws IOException {
    if (name.contains("/")) {
      return Files.isRegularFile(Path.of(name));
    }
    try (Stream<Path> tests = Files.walk(Path.of("src/test/java"))) {
      return tests.anyMatch(test -> test.endsWith(name + ".java"));
    }
  }

  @Test
  void eachSettingInThemExists() throws IOException {
    List<String> settings =
        SETTING
            .matcher(Files.readString(Path.of("docs/settings.md")))
            .results()
            .map(found -> found.group(1))
            .toList();
    List<String> options =
        pages()
            .flatMap(page -> DocumentedCommands.blocks(page).stream())
            .flatMap(block -> OPTION.matcher(block.text()).results())
            .map(found -> found.group(1))
            .toList();

    assertThat(settings).isNotEmpty();
    assertThat(options)
        .isNotEmpty()
        .allSatisfy(
            option ->
                assertThat(settings)
                    .as(option)
                    .anyMatch(
                        setting -> option.equals(setting) || option.startsWith(setting + ".")));
  }
}
