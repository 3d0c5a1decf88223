package io.registry.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Debian's docker-registry (Distribution), on a folder of the test's own. */
public final class DistributionServer implements AutoCloseable {
  private final ChildProcess process;
  private final Path root;
  private final int port;

  private DistributionServer(ChildProcess process, Path root, int port) {
    this.process = process;
    this.root = root;
    this.port = port;
  }

  /** Starts it; the test is skipped where it is not installed. */
  public static DistributionServer start(Path folder) throws IOException {
    return start(folder, "");
  }

  /** Starts it with all that it can do: it accepts schema 1, and removes manifests and blobs. */
  public static DistributionServer startComplete(Path folder) throws IOException {
    return start(folder, "compatibility: {schema1: {enabled: true}}");
  }

  private static Path program() {
    Optional<Path> program =
        Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
            .map(each -> Path.of(each, "docker-registry"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(program.isPresent(), "docker-registry is not installed");
    return program.orElseThrow();
  }

  private static DistributionServer start(Path folder, String more) throws IOException {
    Path program = program();
    int port = RegistryServer.freePort();
    Path root = Files.createDirectories(folder).resolve("root");
    Path config =
        Files.writeString(
            folder.resolve("distribution.yml"),
            """
            version: 0.1
            log: {level: warn}
            storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:%d"}
            %s
            """
                .formatted(root, port, more));
    ChildProcess process =
        new ChildProcess(
            List.of(program.toString(), "serve", config.toString()),
            folder,
            folder.resolve("said"));
    DistributionServer server = new DistributionServer(process, root, port);
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> server.client().get("/v2/").status() == 200);
    return server;
  }

  /** What its {@code garbage-collect --dry-run} says about a folder that it has served. */
  public static String garbage(Path folder) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                program().toString(),
                "garbage-collect",
                "--dry-run",
                folder.resolve("distribution.yml").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(said);
    }
    return said;
  }

  /** Its {@code rootdirectory}. */
  public Path root() {
    return root;
  }

  /** The port that it listens on, at 127.0.0.1. */
  public int port() {
    return port;
  }

  /** A client of it. */
  public TestClient client() {
    return new TestClient(port);
  }

  @Override
  public void close() {
    process.close();
  }
}
