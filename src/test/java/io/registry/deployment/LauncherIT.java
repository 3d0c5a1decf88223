package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that lies beside the jar, started as people, the Debian package and the image do. */
class LauncherIT {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path OWN_JDK = Path.of(System.getProperty("java.home"));

  @TempDir Path directory;

  @Test
  void itGivesTheJvmItsOptionsAndTheRegistryItsWords() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("registry"), TARGET.resolve("registry"));

    String said = run(link, OWN_JDK, "-XX:+PrintFlagsFinal", "import-config", "none.yml");

    assertThat(said)
        .containsPattern("bool StartAttachListener +:?= true")
        .containsPattern("bool ExitOnOutOfMemoryError +:?= true")
        .containsPattern("double MaxRAMPercentage +:?= 50\\.0")
        .contains("none.yml");
  }

  @Test
  void theOptionsOfTheOperatorWin() throws Exception {
    String said =
        run(
            TARGET.resolve("registry"),
            OWN_JDK,
            "-XX:MaxRAMPercentage=10 -XX:+PrintFlagsFinal",
            "import-config");

    assertThat(said).containsPattern("double MaxRAMPercentage +:?= 10\\.0");
  }

  @Test
  void whatTrainingKeepsIsReadByTheJdkThatMadeItAndPassedOverByAnOlderOne() throws Exception {
    Jdk newest = Jdk.newest();
    assumeTrue(newest.hasAotCache(), "there is no JDK 25 on this machine");
    Path app = directory.resolve("app");
    String java = newest.java().toString();
    String jar = TARGET.resolve("registry.jar").toString();
    assertThat(
            said(
                List.of(
                    java,
                    "-Djarmode=tools",
                    "-jar",
                    jar,
                    "extract",
                    "--destination",
                    app.toString())))
        .isEmpty();
    Path launcher = Files.copy(TARGET.resolve("registry"), app.resolve("registry"));
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Path cache = app.resolve("registry.aot");

    String training =
        said(
            List.of(
                java,
                "packaging/Training.java",
                java,
                "-XX:AOTCacheOutput=" + cache,
                "-jar",
                app.resolve("registry.jar").toString()));

    assertThat(cache).as(training).exists();
    assertThat(
            run(
                launcher,
                newest.home(),
                "-XX:AOTMode=on -XX:+PrintFlagsFinal",
                "import-config",
                "none.yml"))
        .containsPattern("ccstr AOTCache +:?= " + cache)
        .contains("none.yml");
    if (Runtime.version().feature() < newest.version()) {
      assertThat(run(launcher, OWN_JDK, "-XX:+PrintFlagsFinal", "import-config", "none.yml"))
          .contains("none.yml");
    }
  }

  private static String run(Path launcher, Path jdk, String options, String... words)
      throws IOException, InterruptedException {
    ProcessBuilder command = new ProcessBuilder(launcher.toString());
    command.command().addAll(List.of(words));
    command.environment().put("JAVA_HOME", jdk.toString());
    command.environment().put("JAVA_OPTS", options);
    return said(command);
  }

  private static String said(List<String> command) throws IOException, InterruptedException {
    return said(new ProcessBuilder(command));
  }

  private static String said(ProcessBuilder command) throws IOException, InterruptedException {
    Process process = command.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
