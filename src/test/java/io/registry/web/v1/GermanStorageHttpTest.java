package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The errors of an operating system that speaks German have the same answers. */
@Tag("external")
@Tag("slow")
class GermanStorageHttpTest {
  private static final String GERMAN = "de_DE.UTF-8";

  @TempDir Path directory;
  private Path disk;
  private boolean mounted;

  @BeforeEach
  void speakGerman() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    String refusal =
        run("localedef", "-i", "de_DE", "-f", "UTF-8", directory.resolve(GERMAN).toString());
    assumeTrue(refusal.isEmpty(), "there is no German here: " + refusal);
    assumeTrue(
        run("env", "LC_ALL=" + GERMAN, "LOCPATH=" + directory, "cat", "/").contains("Verzeichnis"),
        "the texts of the C library are not translated here");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(run("umount", directory.resolve("disk").toString())).isEmpty();
    }
  }

  @Test
  void aFullDiskIsFull() throws Exception {
    mount("size=2m");
    try (RegistryProcess registry = start()) {
      TestClient client = registry.client();
      TestImage base = TestImage.base("base", "a layer").push(client);
      TestImage large = TestImage.of("large", base.id(), new byte[3_000_000]);
      assertThat(large.putJson(client).status()).isEqualTo(200);

      Answer answer = large.putLayer(client);

      assertThat(answer.text()).contains("The storage is full");
      assertThat(answer.status()).isEqualTo(507);
    }
  }

  @Test
  void aUsedUpQuotaIsFull() throws Exception {
    Path image = directory.resolve("image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(200_000_000);
    }
    // Its quota binds root too.
    String refusal = run("mkfs.btrfs", "--quiet", image.toString());
    assumeTrue(refusal.isEmpty(), "no file system with a quota can be made: " + refusal);
    refusal = run("mount", "-o", "loop", image.toString(), disk.toString());
    assumeTrue(refusal.isEmpty(), "only root on Linux can mount a disk: " + refusal);
    mounted = true;
    assertThat(run("btrfs", "quota", "enable", disk.toString())).isEmpty();
    String store = disk.resolve("store").toString();
    run("btrfs", "subvolume", "create", store);
    assertThat(run("btrfs", "qgroup", "limit", "4m", store)).isEmpty();
    disk = Path.of(store);
    try (RegistryProcess registry = start()) {
      TestClient client = registry.client();
      TestImage base = TestImage.base("base", "a layer").push(client);
      TestImage large = TestImage.of("large", base.id(), noise(8_000_000));
      assertThat(large.putJson(client).status()).isEqualTo(200);

      Answer answer = large.putLayer(client);

      assertThat(answer.text()).contains("The storage is full");
      assertThat(answer.status()).isEqualTo(507);
    }
  }

  private static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aReadOnlyDiskRefusesAccess() throws Exception {
    mount("size=2m,ro");
    try (RegistryProcess registry = start()) {
      Answer answer = TestImage.base("base", "a layer").putJson(registry.client());

      assertThat(answer.text()).contains("The storage refuses access");
      assertThat(answer.status()).isEqualTo(503);
    }
  }

  @Test
  void anImmutableFolderRefusesAccess() throws Exception {
    try (RegistryProcess registry = start()) {
      TestClient client = registry.client();
      TestImage base = TestImage.base("base", "a layer").push(client);
      String tag = "/v1/repositories/foo/bar/tags/latest";
      assertThat(client.put(tag, '"' + base.id() + '"').status()).isEqualTo(200);
      String folder = disk.resolve("repositories/foo/bar").toString();
      assumeTrue(run("chattr", "+i", folder).isEmpty(), "only root may make a folder immutable");
      try {
        assertThat(client.delete(tag).status()).isEqualTo(503);
      } finally {
        assertThat(run("chattr", "-i", folder)).isEmpty();
      }
    }
  }

  @Test
  void aFolderAtThePlaceOfATagIsNoTag() throws Exception {
    Files.createDirectories(disk.resolve("repositories/foo/bar/tag_folder"));
    Files.createFile(disk.resolve("repositories/foo/file"));
    try (RegistryProcess registry = start()) {
      TestClient client = registry.client();

      assertThat(client.get("/v1/repositories/foo/bar/tags/folder").status()).isEqualTo(404);
      assertThat(client.get("/v1/repositories/foo/file/tags/latest").status()).isEqualTo(404);
      assertThat(client.get("/v1/repositories/foo/bar/tags/" + "n".repeat(252)).status())
          .isEqualTo(404);
    }
  }

  @Test
  void aTagThatIsALinkInACircleIsNoTagAndHidesNoOther() throws Exception {
    try (RegistryProcess registry = start()) {
      TestClient client = registry.client();
      TestImage base = TestImage.base("base", "a layer").push(client);
      String tags = "/v1/repositories/foo/bar/tags";
      assertThat(client.put(tags + "/latest", '"' + base.id() + '"').status()).isEqualTo(200);
      Path circle = disk.resolve("repositories/foo/bar/tag_circle");
      Files.createSymbolicLink(circle, circle.getFileName());

      assertThat(client.get(tags + "/circle").status()).isEqualTo(404);
      assertThat(client.put(tags + "/other", '"' + base.id() + '"').status()).isEqualTo(200);
      Answer list = client.get(tags);
      assertThat(list.status()).as(list.text()).isEqualTo(200);
      assertThat(list.text()).contains("latest", "other").doesNotContain("circle");
    }
  }

  private RegistryProcess start() throws IOException {
    return RegistryProcess.startBy(
        List.of("env", "LC_ALL=" + GERMAN, "LOCPATH=" + directory),
        "--registry.storage.local.path=" + disk);
  }

  private void mount(String options) throws Exception {
    String refusal = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk.toString());
    assumeTrue(refusal.isEmpty(), "only root on Linux can mount a small disk: " + refusal);
    mounted = true;
  }

  /** What the command says; empty when it worked. */
  private static String run(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? "" : command[0] + " failed: " + said;
    } catch (IOException e) {
      return e.toString();
    }
  }
}
