package io.registry.operations.control;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.validation.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Settings that are read again: all of them, or none, and no secret in the log. */
@ExtendWith(OutputCaptureExtension.class)
class ReconfigurationTest {
  private static final String SECRET = "s3cr3tPART";

  @TempDir Path directory;

  private Path file;
  private ConfigurableApplicationContext context;
  private Reconfiguration settings;
  private String colour = "red";

  @Configuration(proxyBeanMethods = false)
  static class Nothing {}

  /** A setting that can change while the registry runs. */
  private final class Colour implements Reload {
    @Override
    public Optional<Change> prepare(Settings fresh) {
      String next = fresh.environment().getRequiredProperty("test.colour");
      return next.equals(colour)
          ? Optional.empty()
          : Optional.of(
              () -> {
                colour = next;
                return "colour " + next;
              });
    }

    @Override
    public boolean covers(String name) {
      return name.equals("test.colour");
    }
  }

  @BeforeEach
  void start() throws IOException {
    file = directory.resolve("application.yml");
    write("test.colour: red");
    context =
        new SpringApplicationBuilder(Nothing.class)
            .web(WebApplicationType.NONE)
            .run("--spring.config.additional-location=" + directory + "/");
    settings =
        new Reconfiguration(
            context.getEnvironment(),
            List.of(new Colour()),
            Validation.buildDefaultValidatorFactory().getValidator());
  }

  @AfterEach
  void stop() {
    context.close();
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text + "\n");
  }

  @Test
  void whatHasChangedIsTakenOverOrNamed(CapturedOutput output) throws IOException {
    write("test: {colour: green, other: " + SECRET + "}");
    settings.reload();

    assertThat(colour).isEqualTo("green");
    assertThat(output)
        .contains("Changed: colour green", "applied only after a restart: [test.other]")
        .doesNotContain(SECRET);
  }

  @Test
  void aValueThatRefersToNothingIsNamedAndNotQuoted(CapturedOutput output) throws IOException {
    write("test: {colour: green, other: \"" + SECRET + "${NOPE}\"}");
    settings.reload();
    assertThat(colour).isEqualTo("green");

    write("test.colour: \"" + SECRET + "${NOPE}\"");
    settings.reload();
    assertThat(colour).isEqualTo("green");
    assertThat(output).contains("The new settings cannot be applied").doesNotContain(SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"!" + SECRET + " x", "*" + SECRET, "\"" + SECRET, "{" + SECRET})
  void aFileThatIsNoYamlIsNotQuoted(String value, CapturedOutput output) throws IOException {
    write("test.colour: green\ntest.other: " + value);
    settings.reload();

    assertThat(colour).isEqualTo("red");
    assertThat(output).contains("The new settings cannot be applied").doesNotContain(SECRET);
  }

  @Test
  void aFileThatIsGoneOrEmptyChangesNothing(CapturedOutput output) throws IOException {
    Files.delete(file);
    settings.reload();
    Files.writeString(file, "");
    settings.reload();

    assertThat(colour).isEqualTo("red");
    assertThat(output.getAll().lines().filter(line -> line.contains("gone, or empty"))).hasSize(2);
    write("test.colour: green");
    settings.reload();
    assertThat(colour).isEqualTo("green");
  }
}
