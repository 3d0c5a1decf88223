package io.registry.operations.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.RegistryApplication;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void helpListsTheCommands() {
    assertThat(run("--help")).hasValue(0);

    assertThat(text(out))
        .contains("check ", "backfill ", "import-config ", "verify-config ", "--version");
    assertThat(text(err)).isEmpty();
  }

  @Test
  void theVersionIsThatOfTheBuild() {
    assertThat(run("--version")).hasValue(0);

    assertThat(text(out)).matches("registry \\d+\\.\\d+\\.\\d+\\S*\\s+");
  }

  @ParameterizedTest
  @CsvSource({
    "chek, There is no command chek; did you mean check?",
    "verify, There is no command verify",
    "import-confg, did you mean import-config?",
    "--hlep, There is no option --hlep; did you mean --help?",
    "-p, There is no option -p",
    "--port=5001, There is no option --port"
  })
  void anUnknownWordIsRefusedWithTheNearestOne(String word, String refusal) {
    assertThat(run(word)).hasValue(2);

    assertThat(text(err)).contains(refusal).contains("--help");
    assertThat(text(out)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--server.port=5001", "--registry.search.enabled", "--debug"})
  void withSettingsAloneTheRegistryServes(String option) {
    assertThat(run(option)).isEmpty();
  }

  @Test
  void eachCommandTellsOfItself() {
    for (Command command : RegistryApplication.commands()) {
      out.reset();
      assertThat(run(command.name(), "--help")).as(command.name()).hasValue(0);
      assertThat(text(out)).isEqualTo(command.usage());
    }
  }

  @Test
  void aMisspeltOptionOfACommandIsRefusedWithItsUsage() {
    for (Command command : RegistryApplication.commands()) {
      err.reset();
      assertThat(run(command.name(), "--no-such")).as(command.name()).hasValue(2);
      assertThat(text(err)).isEqualTo("There is no option --no-such\n" + command.usage());
    }
    assertThat(text(out)).isEmpty();
  }

  private OptionalInt run(String... arguments) {
    Console console = new Console(System.in, print(out), print(err));
    return new Commands(RegistryApplication.commands(), console).run(List.of(arguments));
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
