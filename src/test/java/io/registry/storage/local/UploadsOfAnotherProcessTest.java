package io.registry.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a storage does with the temporary files that it finds when it starts. */
@Tag("external")
class UploadsOfAnotherProcessTest {
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");
  private static final byte[] BYTES = "from another process".getBytes(UTF_8);

  @TempDir Path root;

  @Test
  void theUploadsOfALivingProcessAreLeftAlone() throws Exception {
    try (Other other = new Other(root)) {
      other.expect("writing");

      try (LocalBlobStorage storage = new LocalBlobStorage(root)) {
        assertThat(temporaryFiles()).hasSize(1);
        assertThat(storage.exists(KEY)).isFalse();
        storage.write(BlobKey.of("mine"), BYTES);

        other.say("commit");
        other.expect("committed");
        assertThat(storage.read(KEY, 100)).hasValue(BYTES);
      }
    }
  }

  @Test
  void theUploadsOfADeadProcessAreSwept() throws Exception {
    try (Other other = new Other(root)) {
      other.expect("writing");
      assertThat(temporaryFiles()).hasSize(1);
      other.kill();
    }

    try (LocalBlobStorage storage = new LocalBlobStorage(root)) {
      assertThat(root.resolve("_uploads")).isEmptyDirectory();
      assertThat(storage.exists(KEY)).isFalse();
    }
  }

  @Test
  void whatDoesNotBelongThereDoesNotKeepTheRestFromBeingSwept() throws Exception {
    Path uploads = root.resolve("_uploads");
    for (String name : List.of("0", "5", "9", "z")) {
      Files.createDirectories(uploads.resolve(name + "-dead"));
      Files.createFile(uploads.resolve(name + "-dead/lock"));
      Files.write(uploads.resolve(name + "-dead/1"), BYTES);
      Files.write(uploads.resolve(name + "-file"), BYTES);
      Files.createDirectories(uploads.resolve(name + "-odd/folder"));
      Files.write(uploads.resolve(name + "-odd/folder/file"), BYTES);
    }

    try (LocalBlobStorage storage = new LocalBlobStorage(root)) {
      assertThat(storage.exists(KEY)).isFalse();
      try (Stream<Path> left = Files.list(uploads)) {
        assertThat(left.map(path -> String.valueOf(path.getFileName())))
            .noneMatch(name -> name.endsWith("-dead"));
      }
    }
  }

  private List<Path> temporaryFiles() throws IOException {
    try (Stream<Path> all = Files.walk(root.resolve("_uploads"))) {
      return all.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).toList();
    }
  }

  /** A process that has begun to write a blob, and commits it when it is told to. */
  private static final class Other implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final Writer in;

    Other(Path root) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  OtherProcess.class.getName(),
                  root.toString())
              .redirectErrorStream(true)
              .start();
      out = process.inputReader(UTF_8);
      in = process.outputWriter(UTF_8);
    }

    void expect(String wanted) throws IOException {
      StringBuilder said = new StringBuilder();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.equals(wanted)) {
          return;
        }
        said.append(line).append('\n');
      }
      throw new AssertionError("instead of " + wanted + ": " + said);
    }

    void say(String line) throws IOException {
      in.write(line + "\n");
      in.flush();
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws Exception {
      kill();
      out.close();
    }
  }

  /** What runs in it. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] arguments) throws IOException {
      try (LocalBlobStorage storage = new LocalBlobStorage(Path.of(arguments[0]));
          BlobWriter writer = storage.create(KEY)) {
        writer.write(BYTES);
        System.out.println("writing");
        if (System.in.read() == 'c') {
          writer.commit();
          System.out.println("committed");
        }
        while (System.in.read() >= 0) {
          // Lives, with its lock, until it is killed or left alone.
        }
      }
    }
  }
}
