package io.registry.storage;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Classifies errors of the local file system. For most of them the JDK has no exception class, only
 * the text of the operating system, in the language of the process (LC_ALL). Therefore this class
 * learns these texts: it provokes an error once, or asks the C library for the text of its number.
 */
public final class SystemErrors {
  private static final Logger log = LoggerFactory.getLogger(SystemErrors.class);

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
    return isOneOf(failure, FULL) || isOneOf(failure, Numbered.FULL);
  }

  /** Whether this process may not do what it tried. */
  public static boolean isDenied(IOException failure) {
    return failure instanceof AccessDeniedException
        || isOneOf(failure, DENIED)
        || isOneOf(failure, Numbered.DENIED);
  }

  /**
   * The errors that cannot be provoked without a disk that has them. Apart from the others, because
   * loading native code takes time: it happens at the first error that is neither.
   */
  private static final class Numbered {
    private static final int READ_ONLY = 30;

    /** {@code EDQUOT}. The systems of BSD, macOS among them, number it differently. */
    private static final int QUOTA = System.getProperty("os.name", "").equals("Linux") ? 122 : 69;

    static final Set<String> FULL = text(QUOTA);
    static final Set<String> DENIED = text(READ_ONLY);

    private static Set<String> text(int number) {
      try {
        Pointer text =
            (Pointer)
                NativeLibrary.getInstance("c")
                    .getFunction("strerror")
                    .invoke(Pointer.class, new Object[] {number});
        // The JDK decodes these texts with the same encoding.
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        return Set.of(text.getString(0, encoding).toLowerCase(Locale.ROOT));
      } catch (LinkageError | RuntimeException e) {
        log.warn("Some errors of the file system are recognized in English only: {}", e.toString());
        return Set.of();
      }
    }
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
