package io.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RegistryServer;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopHttpTest {
  @TempDir Path directory;

  @Test
  void aServerLeavesNoThreadBehind() {
    // What the JDK and the libraries keep for the whole process is there afterwards.
    RegistryServer.start(directory).close();
    Set<Thread> before = Thread.getAllStackTraces().keySet();

    RegistryServer.start(directory).close();

    await()
        .pollInSameThread()
        .untilAsserted(() -> assertThat(before).containsAll(Thread.getAllStackTraces().keySet()));
  }
}
