package io.registry.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
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
    Optional<Path> program =
        Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
            .map(each -> Path.of(each, "docker-registry"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(program.isPresent(), "docker-registry is not installed");
    int port = RegistryServer.freePort();
    Path root = Files.createDirectories(folder).resolve("root");
    Path config =
        Files.writeString(
            folder.resolve("distribution.yml"),
            """
            version: 0.1
            log: {level: warn}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d"}
            """
                .formatted(root, port));
    ChildProcess process =
        new ChildProcess(
            List.of(program.get().toString(), "serve", config.toString()),
            folder,
            folder.resolve("said"));
    DistributionServer server = new DistributionServer(process, root, port);
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> server.client().get("/v2/").status() == 200);
    return server;
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
