package io.registry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was packaged, {@code target/registry.jar}, in a process of its own. */
public final class PackagedRegistry implements AutoCloseable {
  private static final Path JAR = Path.of("target", "registry.jar").toAbsolutePath();
  private static final Pattern STARTED = Pattern.compile("Listening on https?://\\S+:(\\d+)");

  /** Far more than it takes; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final ChildProcess process;

  private PackagedRegistry(ChildProcess process) {
    this.process = process;
  }

  /**
   * Begins to start one.
   *
   * @param directory where it runs, keeps its store, and looks for {@code application.yml}
   * @param arguments more of the command line
   */
  public static PackagedRegistry start(Path directory, String... arguments) throws IOException {
    // Who runs the tests in the background of a script has them, and what they start, ignore INT.
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "--default-signal=INT,HUP",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-jar",
                JAR.toString(),
                "--server.port=0"));
    command.addAll(RegistryServer.arguments(arguments));
    return new PackagedRegistry(new ChildProcess(command, directory, directory.resolve("said")));
  }

  /** The port that it listens on, as soon as it does and signals are heard. */
  public int port() throws IOException {
    awaitSaid("Listening on ");
    Matcher started = STARTED.matcher(process.said());
    assertThat(started.find()).isTrue();
    return Integer.parseInt(started.group(1));
  }

  /** Sends a signal, named without {@code SIG}. */
  public void signal(String name) {
    process.signal(name);
  }

  /** Waits until it has said that. */
  public void awaitSaid(String text) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(process.said()).contains(text));
  }

  /** What it has said. */
  public String said() throws IOException {
    return process.said();
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it is gone. Returns how it ended: its status, or 128 and the signal. */
  public int awaitEnd() {
    return process.awaitEnd();
  }

  @Override
  public void close() {
    process.close();
  }
}
