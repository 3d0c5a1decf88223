package io.registry.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a traced registry asked the operating system for, in the order in which it happened. */
public final class SystemCalls {
  private static final String TRACED =
      "trace=fsync,fdatasync,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,"
          + "unlink,unlinkat,rmdir,write,pwrite64,writev,pwritev,sendfile,copy_file_range,"
          + "truncate,ftruncate";

  /** All that a test writes at once. */
  private static final String LONGEST = "200000";

  private static final Pattern LINE =
      Pattern.compile("(\\d+) +(?:<\\.\\.\\. )?([a-z0-9_]+)(?: resumed>|\\()(.*)");

  private static final Pattern RESULT = Pattern.compile("(.*)\\) += (-?\\d+).*");
  private static final Pattern TEXT = Pattern.compile("\"((?:\\\\x[0-9a-f]{2})*)\"(\\.\\.\\.)?");
  private static final Pattern FILE = Pattern.compile("\\d+<([^>]*)>");
  private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.1 ([2-5]\\d\\d)");
  private static final String UNFINISHED = " <unfinished ...>";

  private SystemCalls() {}

  /** A moment of a call. */
  public enum Moment {
    BEGIN,
    END
  }

  /**
   * The begin or the end of a call.
   *
   * @param thread the thread that makes it
   * @param name the name of the call
   * @param arguments as they are written
   * @param moment whether it begins or has succeeded
   * @param result what it answered; 0 when it begins
   */
  public record Call(String thread, String name, String arguments, Moment moment, long result) {
    public boolean isFlush() {
      return name.equals("fsync") || name.equals("fdatasync");
    }

    /** The status of the answer that begins here; 0 when none does. */
    public int answer() {
      if (moment != Moment.BEGIN || !name.startsWith("write")) {
        return 0;
      }
      Matcher answer = ANSWER.matcher(new String(text(0), ISO_8859_1));
      return answer.lookingAt() ? Integer.parseInt(answer.group(1)) : 0;
    }

    /** The path of the open file that the call is about. */
    public Path file() {
      Matcher file = FILE.matcher(arguments);
      return Path.of(file.find() ? new String(decode(file.group(1)), UTF_8) : "/");
    }

    /** A path among the arguments. */
    public Path path(int index) {
      return Path.of(new String(text(index), UTF_8));
    }

    /** A text among the arguments; empty when there is none. */
    public byte[] text(int index) {
      Matcher text = TEXT.matcher(arguments);
      for (int i = 0; i <= index; i++) {
        if (!text.find()) {
          return new byte[0];
        }
      }
      if (text.group(2) != null) {
        throw new AssertionError("too long to be written down: " + name);
      }
      return decode(text.group(1));
    }
  }

  /** Whether calls can be traced here. */
  public static boolean canBeTraced() throws InterruptedException {
    try {
      Process process = new ProcessBuilder("strace", "-o", "/dev/null", "true").start();
      return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  static List<String> tracing(Path trace) {
    return List.of(
        "strace",
        "-f",
        "--seccomp-bpf",
        "-y",
        "-xx",
        "-s",
        LONGEST,
        "-e",
        TRACED,
        "-e",
        "signal=none",
        "-o",
        trace.toString());
  }

  /** Reads what was traced. A call that failed or was interrupted by the end has no end. */
  public static List<Call> read(Path trace) throws IOException {
    List<Call> calls = new ArrayList<>();
    Map<String, String> unfinished = new HashMap<>();
    for (String text : Files.readAllLines(trace, ISO_8859_1)) {
      Matcher line = LINE.matcher(text);
      if (!line.matches()) {
        continue;
      }
      String thread = line.group(1);
      String name = line.group(2);
      String rest = line.group(3);
      boolean resumed = text.contains(" resumed>");
      if (rest.endsWith(UNFINISHED)) {
        String arguments = rest.substring(0, rest.length() - UNFINISHED.length());
        unfinished.put(thread, arguments);
        calls.add(new Call(thread, name, arguments, Moment.BEGIN, 0));
        continue;
      }
      String whole = resumed ? unfinished.getOrDefault(thread, "") + rest : rest;
      Matcher result = RESULT.matcher(whole);
      boolean answers = result.matches();
      if (!resumed) {
        // Without an answer, as "= ?": the thread was killed while the call did its work.
        String arguments = answers ? result.group(1) : rest;
        calls.add(new Call(thread, name, arguments, Moment.BEGIN, 0));
      }
      if (!answers) {
        continue;
      }
      long answered = Long.parseLong(result.group(2));
      if (answered >= 0) {
        calls.add(new Call(thread, name, result.group(1), Moment.END, answered));
      }
    }
    return calls;
  }

  private static byte[] decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      if (text.startsWith("\\x", i)) {
        bytes.write(Integer.parseInt(text.substring(i + 2, i + 4), 16));
        i += 4;
      } else {
        bytes.write(text.charAt(i));
        i++;
      }
    }
    return bytes.toByteArray();
  }
}
