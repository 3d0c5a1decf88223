package io.registry.operations.retention;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.RegistryApplication;
import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.operations.command.OfflineRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, on a store that no server serves. */
class RetentionCommandTest {
  private static final String MANIFEST = "sha256:" + "0".repeat(64);

  @TempDir Path store;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    out.reset();
    err.reset();
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--registry.storage.local.path=" + store);
    all.add("--registry.retention.rules[0].name=named");
    all.add("--registry.retention.rules[0].expression=v.*");
    return Commands.run(
        new RetentionCommand(OfflineRegistry.whole(RegistryApplication.class)),
        all,
        new Console(
            System.in, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8)));
  }

  private Path tag(String repository, String tag) throws IOException {
    Path file = store.resolve("repositories/" + repository + "/tag_" + tag);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, MANIFEST);
  }

  private String printed() {
    return out.toString(UTF_8);
  }

  @Test
  void itSaysWhatItWouldDoAndThenDoesIt() throws Exception {
    Path kept = tag("team/app", "v1");
    Path removed = tag("team/app", "old");
    Path other = tag("team/other", "old");
    String expected =
        """
        remove\tteam/app:old\tnamed\tNo rule that is about the tag keeps it
        keep\tteam/app:v1\tnamed\tIts name matches
        """;

    assertThat(run("team/app", "--dry-run")).isZero();
    assertThat(printed()).isEqualTo(expected);
    assertThat(err.toString(UTF_8)).contains("1 tags would be removed, 1 stay");
    assertThat(removed).exists();

    assertThat(run("team/app")).isZero();
    assertThat(printed()).isEqualTo(expected);
    assertThat(kept).exists();
    assertThat(removed).doesNotExist();
    assertThat(other).exists();

    assertThat(run()).isZero();
    assertThat(printed()).contains("remove\tteam/other:old");
    assertThat(other).doesNotExist();
  }

  @Test
  void aWrongWordIsRefused() {
    assertThat(run("--dry")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("There is no option --dry");
    assertThat(run("--help")).isZero();
    assertThat(printed()).contains("--dry-run");
  }
}
