package io.registry.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.LinkResult;
import io.registry.testkit.Together;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What the operating system is asked to bring to the disk, as strace sees it. */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
class FlushesTest {
  /** What a write, a move or a removal flushes, with the file descriptor's path. */
  private static final Pattern FLUSH = Pattern.compile("(?:fsync|fdatasync)\\(\\d+<(.*?)>");

  /** The process under test makes a folder before each of its steps. */
  private static final Pattern STEP = Pattern.compile("mkdir\\(\".*/step-([^\"]*)\"");

  private static final BlobKey FOLDER = BlobKey.of("images", "abc");
  private static final int WRITERS = 32;

  private Path directory = Path.of("");
  private List<String> trace = List.of();

  @BeforeAll
  void traceTheSteps(@TempDir Path given) throws Exception {
    directory = given;
    Path traced = directory.resolve("trace");
    assumeTrue(works("strace", "-o", "/dev/null", "true"), "strace is missing, or may not trace");
    assertThat(
            works(
                "strace",
                "-f",
                "-y",
                "-e",
                "trace=fsync,fdatasync,mkdir",
                "-o",
                traced.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Steps.class.getName(),
                directory.toString()))
        .isTrue();
    trace = Files.readAllLines(traced);
  }

  private static boolean works(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      try {
        return process.waitFor(2, TimeUnit.MINUTES) && process.exitValue() == 0;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aNewStoreFlushesTheFoldersAboveItWhenItMakesThem() {
    assertThat(flushes("claim")).containsExactly("above", "");
  }

  @Test
  void theFirstWriteFlushesAllFoldersUpToTheStore() {
    assertThat(flushes("first"))
        .containsExactly("FILE", "above/store/images/abc", "above/store/images", "above/store");
  }

  @Test
  void aWriteIntoAKnownFolderFlushesTheFileAndTheFolder() {
    assertThat(flushes("known")).containsExactly("FILE", "above/store/images/abc");
  }

  @Test
  void aWriteIntoAFolderThatWasMadeAgainFlushesItsParentToo() {
    assertThat(flushes("again"))
        .containsExactly("FILE", "above/store/images/abc", "above/store/images");
  }

  @Test
  void whatIsUnsyncedIsNotFlushed() {
    assertThat(flushes("unsynced")).isEmpty();
  }

  @Test
  void aMoveFlushesEachFileTheFolderAndWhereItGoes() {
    assertThat(flushes("move"))
        .containsExactlyInAnyOrder(
            "above/store/_staging/abc/0",
            "above/store/_staging/abc/1",
            "above/store/_staging/abc/2",
            "above/store/_staging/abc/3",
            "above/store/_staging/abc",
            "above/store/images");
    assertThat(flushes("move")).endsWith("above/store/_staging/abc", "above/store/images");
  }

  @Test
  void aLinkFlushesTheFileItsNewNameAndNewFolders() {
    assertThat(flushes("link"))
        .containsExactly(
            "above/store/_staging/abc/0", "above/store/images/linked", "above/store/images");
  }

  @Test
  void removalsFlushEachFolderOnce() {
    assertThat(flushes("delete")).containsExactly("above/store/images/abc");
    assertThat(flushes("deleteAll"))
        .containsExactly("above/store/images/moved", "above/store/images/abc");
  }

  @Test
  void writersThatWaitForTheSameFolderShareAFlush() {
    List<String> flushes = flushes("together");

    assertThat(flushes).filteredOn("FILE"::equals).hasSize(WRITERS);
    assertThat(flushes).filteredOn("above/store/images/abc"::equals).hasSizeBetween(1, WRITERS - 1);
  }

  // Files on their way have names of no interest.
  private List<String> flushes(String step) {
    List<String> found = new ArrayList<>();
    String current = "";
    for (String line : trace) {
      Matcher begun = STEP.matcher(line);
      Matcher flush = FLUSH.matcher(line);
      if (begun.find()) {
        current = begun.group(1);
      } else if (current.equals(step) && flush.find()) {
        String path = directory.relativize(Path.of(flush.group(1))).toString();
        found.add(path.contains("_uploads") ? "FILE" : path);
      }
    }
    return found;
  }

  /** What is traced. */
  static final class Steps {
    private Steps() {}

    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[0]);
      try (LocalBlobStorage storage = new LocalBlobStorage(directory.resolve("above/store"))) {
        begin(directory, "claim");
        storage.createUnsynced(FOLDER.child("dropped")).close();
        begin(directory, "first");
        storage.write(FOLDER.child("json"), "{}".getBytes(UTF_8));
        begin(directory, "known");
        storage.write(FOLDER.child("layer"), "{}".getBytes(UTF_8));
        begin(directory, "delete");
        storage.delete(FOLDER.child("layer"));
        begin(directory, "prune");
        storage.delete(FOLDER.child("json"));
        storage.write(BlobKey.of("images", "other", "json"), "{}".getBytes(UTF_8));
        begin(directory, "again");
        storage.write(FOLDER.child("json"), "{}".getBytes(UTF_8));
        begin(directory, "unsynced");
        BlobKey staged = BlobKey.of("_staging", "abc");
        for (int i = 0; i < 4; i++) {
          writeUnsynced(storage, staged.child(Integer.toString(i)));
        }
        writeUnsynced(storage, staged.child("removed"));
        storage.deleteAllUnsynced(List.of(staged.child("removed")));
        begin(directory, "link");
        if (storage.link(staged.child("0"), BlobKey.of("images", "linked", "layer"))
            != LinkResult.LINKED) {
          throw new IllegalStateException("not linked");
        }
        begin(directory, "move");
        BlobKey moved = BlobKey.of("images", "moved");
        if (!storage.moveFolder(staged, moved)) {
          throw new IllegalStateException("not moved");
        }
        begin(directory, "together");
        Together.run(
            IntStream.range(0, WRITERS)
                .<Together.Task>mapToObj(
                    writer -> () -> storage.write(FOLDER.child("w" + writer), new byte[1]))
                .toList());
        begin(directory, "deleteAll");
        storage.deleteAll(
            List.of(
                moved.child("0"),
                FOLDER.child("w0"),
                moved.child("1"),
                FOLDER.child("w1"),
                FOLDER.child("absent")));
        begin(directory, "end");
      }
    }

    private static void begin(Path directory, String step) throws IOException {
      Files.createDirectory(directory.resolve("step-" + step));
    }

    private static void writeUnsynced(BlobStorage storage, BlobKey key) {
      try (BlobWriter writer = storage.createUnsynced(key)) {
        writer.write(1);
        writer.commit();
      }
    }
  }
}
