package io.registry.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobWriter;
import io.registry.storage.LinkResult;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the local store says when the operating system refuses, and what it then has kept. */
@Tag("external")
class LocalStorageFailureTest {
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");
  private static final byte[] OLD = new byte[100_000];
  private static final byte[] TOO_MUCH = new byte[2_000_000];

  @TempDir Path directory;
  private boolean mounted;

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(command("umount", directory.toString())).isEmpty();
    }
  }

  @Test
  void aFullDiskIsReportedAsFullAndTheOldBlobStays() throws Exception {
    mount("size=1m");
    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      storage.write(KEY, OLD);

      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(() -> storage.write(KEY, TOO_MUCH))
          .withMessageContainingAll("local", "write", KEY.path())
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.FULL));

      assertThat(storage.read(KEY, OLD.length)).hasValue(OLD);
      assertThat(unfinished()).isEmpty();
      storage.write(BlobKey.of("images", "abd", "layer"), new byte[500_000]);
    }
  }

  @Test
  void aFullDiskInTheMiddleOfABlobTakesNothingFromOthers() throws Exception {
    mount("size=1m");
    try (LocalBlobStorage storage = new LocalBlobStorage(directory);
        BlobWriter first = storage.create(KEY);
        BlobWriter second = storage.create(BlobKey.of("images", "abd", "layer"))) {
      first.write(OLD);
      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(() -> second.write(TOO_MUCH))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.FULL));
      second.close();
      first.write(OLD);
      first.commit();

      assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(2L * OLD.length);
    }
  }

  @Test
  void aDiskWithoutRoomForAnotherFileIsReportedAsFull() throws Exception {
    mount("size=1m,nr_inodes=8");
    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      storage.write(KEY, OLD);

      assertThatExceptionOfType(StorageException.class)
          .isThrownBy(
              () -> {
                for (int i = 0; i < 8; i++) {
                  storage.write(BlobKey.of("images", "abc", "more" + i), OLD);
                }
              })
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.FULL));

      assertThat(storage.read(KEY, OLD.length)).hasValue(OLD);
      assertThat(unfinished()).isEmpty();
    }
  }

  @Test
  void aDiskThatBecomesReadOnlyIsReportedAsDeniedAndCanBeRead() throws Exception {
    mount("size=1m");
    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      storage.write(KEY, OLD);
    }
    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      remount("ro");
      assertDenied(() -> storage.write(KEY, new byte[10]));
      assertDenied(() -> storage.delete(KEY));
      assertThat(storage.read(KEY, OLD.length)).hasValue(OLD);

      remount("rw");
      storage.write(KEY, new byte[10]);
      assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(10);
    }
  }

  @Test
  void aStoreOnAReadOnlyDiskCanBeOpenedAndRead() throws Exception {
    mount("size=1m");
    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      storage.write(KEY, OLD);
    }
    Path leftover = Files.createDirectories(directory.resolve("_uploads/dead")).resolve("1");
    Files.write(leftover, OLD);
    remount("ro");

    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      assertThat(storage.read(KEY, OLD.length)).hasValue(OLD);
      try (Stream<String> names = storage.names(BlobKey.of("images", "abc"))) {
        assertThat(names).containsExactly("layer");
      }
      assertDenied(() -> storage.write(KEY, new byte[10]));
    }
    assertThat(leftover).exists();
  }

  @Test
  void aBlobThatMayNotBeChangedIsReportedAsDenied() throws Exception {
    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      storage.write(KEY, OLD);
      String folder = directory.resolve("images/abc").toString();
      assumeTrue(
          command("chattr", "+i", folder).isEmpty(), "only root may make a folder immutable");
      try {
        assertDenied(() -> storage.write(KEY, new byte[10]));
        assertDenied(() -> storage.delete(KEY));
      } finally {
        command("chattr", "-i", folder);
      }
      assertThat(storage.read(KEY, OLD.length)).hasValue(OLD);
      assertThat(unfinished()).isEmpty();
    }
  }

  @Test
  void aBlobThatMayNotBeLinkedIsReportedAsThat() throws Exception {
    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      storage.write(KEY, OLD);
      String file = directory.resolve(KEY.path()).toString();
      assumeTrue(command("chattr", "+i", file).isEmpty(), "only root may make a file immutable");
      try {
        assertThat(storage.link(KEY, BlobKey.of("images", "abd", "layer")))
            .isEqualTo(LinkResult.UNSUPPORTED);
      } finally {
        command("chattr", "-i", file);
      }
      assertThat(directory.resolve("images/abd")).doesNotExist();
    }
  }

  @Test
  void aFolderWithoutPermissionIsReportedAsDenied() throws Exception {
    try (LocalBlobStorage storage = new LocalBlobStorage(directory)) {
      storage.write(KEY, OLD);
      Path folder = directory.resolve("images/abc");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("---------"));
      try {
        assumeTrue(!Files.isWritable(folder), "root may do all");
        assertDenied(() -> storage.write(KEY, new byte[10]));
        assertDenied(() -> storage.read(KEY, OLD.length));
        assertDenied(() -> storage.delete(KEY));
      } finally {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      assertThat(storage.read(KEY, OLD.length)).hasValue(OLD);
    }
  }

  private static void assertDenied(Runnable change) {
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(change::run)
        .withMessageContaining(KEY.path())
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
  }

  private void mount(String options) throws Exception {
    String refusal = command("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
    assumeTrue(refusal.isEmpty(), "only root on Linux can mount a small disk: " + refusal);
    mounted = true;
  }

  private void remount(String option) throws Exception {
    assertThat(command("mount", "-o", "remount," + option, directory.toString())).isEmpty();
  }

  private List<Path> unfinished() throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("_uploads"))) {
      return all.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).toList();
    }
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
