package io.registry.operations.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenRegistry;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.Scrape;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A registry is ready only while its store does what a push and a pull need. */
@Tag("external")
@Tag("slow")
class StorageHealthHttpTest {
  private static final String READINESS = "/actuator/health/readiness";
  private static final int ANOTHER = 10001;

  @TempDir Path directory;
  private boolean mounted;

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(command("umount", directory.toString())).isEmpty();
    }
  }

  @Test
  void aDirectoryOfAnotherUserIsToldAtTheStartWithTheRemedy() throws Exception {
    assumeTrue(RegistryProcess.canObey(), "setpriv is missing, or this is not root");
    Path store = Files.createDirectory(directory.resolve("store"));
    Files.setAttribute(store, "unix:uid", ANOTHER);
    try (RegistryProcess registry =
        RegistryProcess.startObedient("--registry.storage.local.path=" + store)) {
      assertThat(registry.saidAtStart())
          .contains("The store does not work: local storage failed to create _status_")
          .contains("This process runs as user 0")
          .contains("chown -R 0 " + store)
          .doesNotContain("\tat ");
      assertThat(registry.client().get(READINESS).status()).isEqualTo(503);
      assertThat(registry.client().get(READINESS).text())
          .contains("\"storage\":{\"status\":\"DOWN\"}");

      Files.setAttribute(store, "unix:uid", 0);
      assertThat(registry.client().get(READINESS).status()).isEqualTo(200);

      TestImage.base("base", "a layer").push(registry.client());
      Path images = store.resolve("images");
      Files.setPosixFilePermissions(images, PosixFilePermissions.fromString("---------"));
      assertThat(registry.client().get(READINESS).status()).as("at once").isEqualTo(503);
      Files.setPosixFilePermissions(images, PosixFilePermissions.fromString("rwxr-xr-x"));
      assertThat(registry.client().get(READINESS).status()).isEqualTo(200);
    }
  }

  @Test
  void aReadOnlyDiskAndAFullOneAreSeen() throws Exception {
    mount("size=4m,nr_inodes=200");
    try (RegistryServer server = PassingRegistry.start(directory)) {
      PassingClock clock = (PassingClock) server.bean(Clock.class);
      TestClient client = server.client();

      // Once something was written, a lock is open, and the kernel refuses.
      remount("ro");
      assertThat(client.get(READINESS).status()).isEqualTo(503);
      remount("rw");
      assertThat(client.get(READINESS).status()).isEqualTo(200);

      Path filler = directory.resolve("filler");
      assertThat(command("dd", "if=/dev/zero", "of=" + filler, "bs=64k")).contains("dd failed");
      clock.pass(Duration.ofSeconds(11));
      assertThat(client.get(READINESS).status()).as("pulls work").isEqualTo(200);
      assertThat(client.get(READINESS).text()).contains("\"storage\":{\"status\":\"DEGRADED\"}");
      assertThat(Scrape.of(client).sum("registry_storage_free_bytes")).isZero();
      assertThat(Scrape.of(client).sum("registry_storage_size_bytes")).isEqualTo(4 << 20);
      Files.delete(filler);
      assertThat(client.get(READINESS).text()).contains("\"storage\":{\"status\":\"UP\"}");

      String files = "i=0; while : > %s/filler-$i; do i=$((i+1)); done".formatted(directory);
      assertThat(command("sh", "-c", files)).contains("sh failed");
      clock.pass(Duration.ofSeconds(11));
      assertThat(Scrape.of(client).sum("registry_storage_free_bytes")).isPositive();
      assertThat(client.get(READINESS).status()).as("pulls work").isEqualTo(200);
      assertThat(client.get(READINESS).text()).contains("\"storage\":{\"status\":\"DEGRADED\"}");
      TestImage image = TestImage.base("base", "a layer");
      assertThat(image.putJson(client).status()).isEqualTo(507);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Verb.class,
      names = {"READ", "CREATE", "COMMIT", "DELETE"})
  void eachStepOfAPushIsTried(Verb verb) throws IOException {
    try (RegistryServer server = BrokenRegistry.start(directory)) {
      BrokenStorage storage = server.bean(BrokenStorage.class);
      storage.fail(
          Reason.BROKEN, (number, asked, key) -> asked == verb ? Outcome.FAILED : Outcome.DONE);
      assertThat(server.client().get(READINESS).status()).isEqualTo(503);

      storage.heal();
      assertThat(server.client().get(READINESS).status()).isEqualTo(200);
    }
  }

  @Test
  void howeverOftenOneLooksItWritesOnceInTenSeconds() {
    try (RegistryServer server = BrokenRegistry.start(directory)) {
      assertThat(server.client().get(READINESS).status()).isEqualTo(200);
      server
          .bean(BrokenStorage.class)
          .fail(
              Reason.BROKEN,
              (number, verb, key) -> verb == Verb.COMMIT ? Outcome.FAILED : Outcome.DONE);
      assertThat(server.client().get("/_status").status()).isEqualTo(503);

      for (int i = 0; i < 5; i++) {
        assertThat(server.client().get(READINESS).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void anArchiveNeedNotBeWritable() throws IOException {
    try (RegistryServer server = RegistryServer.start(directory, "--registry.read-only=true")) {
      assertThat(server.client().get(READINESS).status()).isEqualTo(200);
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files).isEmpty();
      }
    }
  }

  private void mount(String options) throws Exception {
    String refusal = command("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
    assumeTrue(refusal.isEmpty(), "only root on Linux can mount a small disk: " + refusal);
    mounted = true;
  }

  private void remount(String option) throws Exception {
    assertThat(command("mount", "-o", "remount," + option, directory.toString())).isEmpty();
  }

  /** What the command complains of; empty when it worked. */
  private static String command(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? "" : command[0] + " failed: " + said;
    } catch (IOException e) {
      return e.toString();
    }
  }
}
