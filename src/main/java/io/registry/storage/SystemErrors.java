package io.registry.storage;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Classifies errors of the local file system. For most of them the JDK has no exception class, only
 * the text of the operating system, in the language of the process (LC_ALL). Therefore this class
 * provokes each error once and remembers its text. An error that cannot be provoked is recognized
 * by its English text (a used up quota), or by the state of the file system (a read-only disk).
 */
public final class SystemErrors {
  /** What the JDK appends to the text of the operating system. */
  private static final String NO_FOLLOW = " (NOFOLLOW_LINKS specified)";

  private static final Set<String> ABSENCE =
      texts(
          List.of(
              "is a directory", "not a directory", "name too long", "too many levels of symbolic"),
          List.of(
              SystemErrors::readFolder,
              SystemErrors::openBelowFile,
              SystemErrors::openLongName,
              SystemErrors::openLink));

  private static final Set<String> FULL =
      texts(List.of("no space left", "quota exceeded"), List.of(SystemErrors::writeToFullDevice));

  private static final Set<String> DENIED =
      texts(
          List.of("read-only file system", "operation not permitted"),
          List.of(SystemErrors::changeProcess));

  private SystemErrors() {}

  /** A call that fails. */
  private interface Call {
    void run() throws IOException;
  }

  /**
   * Whether the error means that there is no such file: also where a folder is at its place, or a
   * link that leads in a circle.
   */
  public static boolean isAbsence(IOException failure) {
    return failure instanceof NoSuchFileException
        || failure instanceof NotDirectoryException
        || isOneOf(failure, ABSENCE);
  }

  /** Whether the disk is full, or the quota is used up. */
  public static boolean isFull(IOException failure) {
    return isOneOf(failure, FULL);
  }

  /** Whether this process may not do what it tried. */
  public static boolean isDenied(IOException failure) {
    return failure instanceof AccessDeniedException || isOneOf(failure, DENIED);
  }

  /**
   * Whether nothing can be written at a path: the disk is read-only, or the folder is.
   *
   * @param file a file or folder, which need not exist
   */
  public static boolean isUnwritable(Path file) {
    Path found = file.toAbsolutePath();
    while (!Files.exists(found)) {
      Path above = found.getParent();
      if (above == null) {
        return false;
      }
      found = above;
    }
    return !Files.isWritable(found);
  }

  private static boolean isOneOf(IOException failure, Set<String> texts) {
    String text = text(failure).toLowerCase(Locale.ROOT);
    return texts.stream().anyMatch(text::contains);
  }

  // The message of a FileSystemException begins with the name of the file, which is a client's.
  private static String text(IOException failure) {
    return String.valueOf(
        failure instanceof FileSystemException named ? named.getReason() : failure.getMessage());
  }

  private static Set<String> texts(List<String> english, List<Call> calls) {
    Set<String> texts = new LinkedHashSet<>(english);
    for (Call call : calls) {
      try {
        call.run();
      } catch (IOException e) {
        String text = text(e);
        // Where the system lacks what a call uses, the error is another one, which has a class.
        if (e.getClass() == IOException.class || e.getClass() == FileSystemException.class) {
          texts.add(text.replace(NO_FOLLOW, "").toLowerCase(Locale.ROOT));
        }
      }
    }
    return Set.copyOf(texts);
  }

  private static Path folder() {
    return Path.of(System.getProperty("java.home", File.separator));
  }

  private static void readFolder() throws IOException {
    try (FileChannel channel = FileChannel.open(folder(), StandardOpenOption.READ)) {
      channel.read(ByteBuffer.allocate(1));
    }
  }

  private static void openBelowFile() throws IOException {
    FileChannel.open(Path.of("/proc/self/stat/below"), StandardOpenOption.READ).close();
  }

  private static void openLongName() throws IOException {
    FileChannel.open(folder().resolve("n".repeat(5000)), StandardOpenOption.READ).close();
  }

  // The same error as that of a link that leads in a circle.
  private static void openLink() throws IOException {
    FileChannel.open(Path.of("/proc/self/exe"), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)
        .close();
  }

  private static void writeToFullDevice() throws IOException {
    try (FileChannel channel = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1));
    }
  }

  // Refused to every user with "operation not permitted".
  private static void changeProcess() throws IOException {
    Path process = Path.of("/proc/self/stat");
    if (process.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(process, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
  }
}
