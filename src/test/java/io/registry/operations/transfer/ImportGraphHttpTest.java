package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.transfer.Transfers.Answer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** Imports from folders as Docker up to 1.9 kept them. */
@Tag("external")
@Tag("slow")
class ImportGraphHttpTest {
  private static final FileTime TIME = FileTime.fromMillis(1_400_000_000_000L);
  private static final String LONG = "opt/" + "long".repeat(60) + "/name";

  @TempDir Path directory;
  private Path docker;
  private Path target;
  private TestImage base;
  private TestImage top;

  @BeforeEach
  void name() throws IOException {
    docker = directory.resolve("docker");
    target = directory.resolve("target");
    base =
        TestImage.of(
            "base",
            "",
            tar(
                folder("etc/"),
                file("etc/passwd", "root"),
                folder("usr/lib/"),
                file("usr/lib/so", "library"),
                link("lib", TarConstants.LF_SYMLINK, "usr/lib"),
                file("lib/other", "through the link"),
                link("etc/same", TarConstants.LF_LINK, "etc/passwd"),
                file(LONG, "far"),
                file("empty", "")));
    top =
        TestImage.of(
            "top",
            base.id(),
            tar(folder("etc/"), file("etc/.wh.passwd", ""), file("etc/motd", "hello")));
  }

  private record Item(TarArchiveEntry entry, String content) {}

  private static Item folder(String name) {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_DIR);
    entry.setMode(0755);
    return new Item(entry, "");
  }

  private static Item file(String name, String content) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(0640);
    entry.setSize(content.length());
    return new Item(entry, content);
  }

  private static Item link(String name, byte kind, String to) {
    TarArchiveEntry entry = new TarArchiveEntry(name, kind);
    entry.setLinkName(to);
    return new Item(entry, "");
  }

  // With more zeroes at the end than a tar needs.
  private static byte[] tar(Item... items) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      for (Item item : items) {
        item.entry().setLastModifiedTime(TIME);
        tar.putArchiveEntry(item.entry());
        tar.write(item.content().getBytes(StandardCharsets.UTF_8));
        tar.closeArchiveEntry();
      }
    }
    bytes.write(new byte[4096]);
    return bytes.toByteArray();
  }

  private Path graph(TestImage image) throws IOException {
    Path folder = Files.createDirectories(docker.resolve("graph").resolve(image.id()));
    Files.write(folder.resolve("json"), image.json());
    Files.writeString(folder.resolve("layersize"), "4711");
    return folder;
  }

  private void tags(String driver, String json) throws IOException {
    Files.writeString(docker.resolve("repositories-" + driver), json);
  }

  private String named() {
    return """
        {"Repositories":{"team/app":{"1.0":"%s","sha256:%s":"%s"},
         "registry.example:5000/app":{"latest":"%s"},"base":{"1":"%s"}}}"""
        .formatted(top.id(), "a".repeat(64), top.id(), top.id(), base.id());
  }

  /** Unpacks a layer over a folder, and applies its whiteouts when it is the folder of all. */
  private static void unpack(byte[] layer, Path folder, boolean isWhole) throws Exception {
    Files.createDirectories(folder);
    Process tar =
        new ProcessBuilder("tar", "-x", "-C", folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (OutputStream in = tar.getOutputStream()) {
      in.write(layer);
    }
    assertThat(tar.waitFor()).isZero();
    if (isWhole) {
      for (String file : Transfers.files(folder).keySet()) {
        Path path = folder.resolve(file);
        String name = path.getFileName().toString();
        if (name.startsWith(".wh.")) {
          Files.delete(path);
          FileSystemUtils.deleteRecursively(path.resolveSibling(name.substring(4)));
        }
      }
    }
  }

  /** What Docker 1.8 and 1.9 note about a layer (vbatts/tar-split). */
  private static byte[] notes(byte[] tar) throws IOException {
    ByteArrayOutputStream notes = new ByteArrayOutputStream();
    int position = 0;
    int from = 0;
    try (GZIPOutputStream packed = new GZIPOutputStream(notes);
        TarArchiveInputStream entries = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      for (TarArchiveEntry each = entries.getNextEntry();
          each != null;
          each = entries.getNextEntry()) {
        int start = (int) entries.getBytesRead();
        int size = each.isFile() && !each.isLink() ? (int) each.getSize() : 0;
        segment(packed, Arrays.copyOfRange(tar, from, start), position++);
        packed.write(
            "{\"type\":1,\"name\":\"%s\",\"size\":%d,\"payload\":\"%s\",\"position\":%d}\n"
                .formatted(
                    each.getName(),
                    size,
                    size == 0 ? "" : crc(Arrays.copyOfRange(tar, start, start + size)),
                    position++)
                .getBytes(StandardCharsets.UTF_8));
        from = start + size;
      }
      segment(packed, Arrays.copyOfRange(tar, from, tar.length), position);
    }
    return notes.toByteArray();
  }

  private static void segment(OutputStream out, byte[] bytes, int position) throws IOException {
    out.write(
        "{\"type\":2,\"payload\":\"%s\",\"position\":%d}\n"
            .formatted(Base64.getEncoder().encodeToString(bytes), position)
            .getBytes(StandardCharsets.UTF_8));
  }

  // CRC-64 of ISO 3309, bit by bit.
  private static String crc(byte[] bytes) {
    long crc = ~0L;
    for (byte each : bytes) {
      crc ^= each & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? crc >>> 1 ^ 0xD800000000000000L : crc >>> 1;
      }
    }
    return Base64.getEncoder().encodeToString(ByteBuffer.allocate(8).putLong(~crc).array());
  }

  private Answer load() {
    return Transfers.run(new ImportCommand(Transfers.REGISTRY), target, docker.toString());
  }

  private byte[] layer(TestImage image) {
    try (RegistryServer server = RegistryServer.start(target)) {
      assertThat(server.client().get("/v1/images/" + image.id() + "/json").bytes())
          .isEqualTo(image.json());
      return server.client().get("/v1/images/" + image.id() + "/layer").bytes();
    }
  }

  private void vfs() throws Exception {
    Files.write(graph(base).resolve("tar-data.json.gz"), notes(base.layer()));
    Files.write(graph(top).resolve("tar-data.json.gz"), notes(top.layer()));
    unpack(base.layer(), docker.resolve("vfs/dir").resolve(base.id()), true);
    unpack(base.layer(), docker.resolve("vfs/dir").resolve(top.id()), true);
    unpack(top.layer(), docker.resolve("vfs/dir").resolve(top.id()), true);
    // To the root of the layer, and not of this machine.
    Path link = docker.resolve("vfs/dir").resolve(base.id()).resolve("lib");
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("/usr/lib"));
    tags("vfs", named());
  }

  @Test
  void layersThatDockerHasNotedAreTheSameByteForByte() throws Exception {
    vfs();

    Answer answer = load();
    Answer again = load();

    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(answer.results())
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    "team/app:1.0",
                    "done",
                    "library/app:latest",
                    "done",
                    "library/base:1",
                    "done")));
    assertThat(again.results().values()).containsOnly("present");
    assertThat(layer(base)).isEqualTo(base.layer());
    assertThat(layer(top)).isEqualTo(top.layer());
  }

  @Test
  void aFileThatWasChangedAfterwardsIsNamedAndItsImagesAreNotStored() throws Exception {
    vfs();
    Files.writeString(docker.resolve("vfs/dir").resolve(top.id()).resolve("etc/motd"), "HELLO");

    Answer answer = load();

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.results())
        .containsEntry("library/base:1", "done")
        .containsEntry("team/app:1.0", "failed");
    assertThat(answer.textOf("team/app:1.0")).contains("etc/motd").contains("changed");
    assertThat(target.resolve("images").resolve(top.id())).doesNotExist();
  }

  @Test
  void linksAndNamesDoNotLeadOutOfTheLayer() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    for (String name : List.of("out/secret", "../../../../secret", "etc/../out/secret", "file")) {
      byte[] tar = tar(file(name, "secret"));
      TestImage image = TestImage.of("hostile", "", tar);
      Files.write(graph(image).resolve("tar-data.json.gz"), notes(tar));
      Path files = docker.resolve("overlay").resolve(image.id()).resolve("root");
      Files.createDirectories(files.resolve("etc"));
      Files.deleteIfExists(files.resolve("out"));
      Files.createSymbolicLink(files.resolve("out"), directory);
      Files.deleteIfExists(files.resolve("file"));
      Files.createSymbolicLink(files.resolve("file"), secret);
      tags("overlay", "{\"Repositories\":{\"app\":{\"1\":\"%s\"}}}".formatted(image.id()));

      Answer answer = load();

      assertThat(answer.results()).as(name).isEqualTo(Map.of("library/app:1", "failed"));
      assertThat(answer.textOf("library/app:1")).contains("no such file");
    }
  }

  @Test
  void layersOfAufsWithoutNotesAreMadeOfTheirFolders() throws Exception {
    graph(base);
    graph(top);
    Path diff = docker.resolve("aufs/diff");
    unpack(base.layer(), diff.resolve(base.id()), false);
    unpack(top.layer(), diff.resolve(top.id()), false);
    Path own = diff.resolve(top.id());
    Files.createDirectories(own.resolve(".wh..wh.plnk"));
    Files.writeString(own.resolve(".wh..wh.plnk/17.4"), "");
    Files.writeString(own.resolve(".wh..wh.aufs"), "");
    Files.writeString(own.resolve("etc/.wh..wh..opq"), "");
    Files.setPosixFilePermissions(
        own.resolve("etc/motd"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.setLastModifiedTime(own.resolve("etc/motd"), TIME);
    tags("aufs", named());

    Answer answer = load();
    Answer again = load();

    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(again.results().values()).containsOnly("present");
    Map<String, TarArchiveEntry> entries = entries(layer(top));
    assertThat(entries)
        .containsOnlyKeys("./", "etc/", "etc/.wh.passwd", "etc/.wh..wh..opq", "etc/motd");
    TarArchiveEntry motd = Objects.requireNonNull(entries.get("etc/motd"));
    assertThat(motd.getMode() & 07777).isEqualTo(0751);
    assertThat(motd.getLastModifiedTime()).isEqualTo(TIME);
    assertThat(Transfers.entries(new ByteArrayInputStream(layer(top))))
        .containsEntry("etc/motd", "hello".getBytes(StandardCharsets.UTF_8));
    Map<String, TarArchiveEntry> below = entries(layer(base));
    assertThat(below).containsKeys(LONG, "usr/lib/other", "lib").doesNotContainKey("lib/other");
    assertThat(Objects.requireNonNull(below.get("lib")).getLinkName()).isEqualTo("usr/lib");
    TarArchiveEntry linked = Objects.requireNonNull(below.get("etc/same"));
    assertThat(linked.isLink()).isTrue();
    assertThat(linked.getLinkName()).isEqualTo("etc/passwd");
  }

  private static Map<String, TarArchiveEntry> entries(byte[] layer) throws IOException {
    Map<String, TarArchiveEntry> entries = new TreeMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(layer))) {
      for (TarArchiveEntry each = tar.getNextEntry(); each != null; each = tar.getNextEntry()) {
        entries.put(each.getName(), each);
      }
    }
    return entries;
  }

  @Test
  void whatCannotBeMadeAgainIsRefusedWithTheReason() throws Exception {
    Path folder = graph(base);
    Files.createDirectories(docker.resolve("vfs/dir").resolve(base.id()));
    tags("vfs", "{\"Repositories\":{\"a\":{\"1\":\"%s\"}}}".formatted(base.id()));
    tags("devicemapper", "{\"Repositories\":{\"b\":{\"1\":\"%s\"}}}".formatted(base.id()));
    tags(
        "aufs",
        "{\"Repositories\":{\"c\":{\"1\":\"%s\"},\"d\":{\"1\":\"%s\"}}}"
            .formatted(base.id(), top.id()));

    Answer answer = load();

    assertThat(folder).exists();
    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.results().values()).hasSize(4).containsOnly("refused");
    assertThat(answer.textOf("library/a:1")).contains("tar-data.json.gz", "vfs", "docker save");
    assertThat(answer.textOf("library/b:1")).contains("devicemapper", "docker save");
    assertThat(answer.textOf("library/c:1")).contains("aufs/diff/" + base.id());
    assertThat(answer.textOf("library/d:1")).contains(top.id()).contains("lost");
    assertThat(target.resolve("images")).doesNotExist();
  }
}
