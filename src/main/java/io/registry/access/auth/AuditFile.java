package io.registry.access.auth;

import io.registry.platform.json.JsonCodec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationListener;

/**
 * Writes each audit event as one JSON object to a file of its own. The last member of each line is
 * {@code hash}: the SHA-256, in hexadecimal digits, of the hash of the line before and the bytes of
 * this line up to the hash. So a line that was changed, removed or inserted does not fit to the
 * next one. A new file, and a restarted process, continue the chain.
 *
 * <p>Each line has been passed to the operating system when the call returns. A line that cannot be
 * written is reported in the application log, and its request goes on: the chain continues with the
 * next line.
 */
public final class AuditFile implements ApplicationListener<AuditApplicationEvent>, AutoCloseable {
  /** The hash before the first line. */
  static final String BEGINNING = "0".repeat(64);

  private static final Logger log = LoggerFactory.getLogger(AuditFile.class);

  /** More than any line has: names and paths are bounded by the size of a request's head. */
  private static final int LONGEST = 1 << 20;

  private static final String HASH = ", \"hash\": \"";

  private static final Pattern LINE_END = Pattern.compile("\"hash\": \"([0-9a-f]{64})\"}\n");

  private final ReentrantLock lock = new ReentrantLock();
  private final Path path;
  private final JsonCodec codec;
  private FileChannel out;
  private String hash;

  /**
   * Opens the file, and continues its chain.
   *
   * @param path the file, which need not exist
   * @param codec renders the lines
   * @throws UncheckedIOException when the file cannot be written, or holds something else
   */
  AuditFile(Path path, JsonCodec codec) {
    this.path = path;
    this.codec = codec;
    try {
      this.hash = lastHash(path);
      this.out = append(path);
    } catch (IOException e) {
      throw new UncheckedIOException("registry.auth.audit.file cannot be continued: " + path, e);
    }
  }

  @Override
  public void onApplicationEvent(AuditApplicationEvent event) {
    AuditEvent told = event.getAuditEvent();
    if (!AuditType.isOne(told.getType())) {
      return;
    }
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("time", told.getTimestamp().toString());
    members.put("event", told.getType());
    members.put("who", told.getPrincipal());
    members.putAll(told.getData());
    String json = new String(codec.render(members), StandardCharsets.UTF_8);
    write(json.substring(0, json.length() - 1));
  }

  private void write(String begun) {
    lock.lock();
    try {
      String next = hash(hash, begun);
      ByteBuffer line =
          ByteBuffer.wrap((begun + HASH + next + "\"}\n").getBytes(StandardCharsets.UTF_8));
      while (line.hasRemaining()) {
        out.write(line);
      }
      hash = next;
    } catch (IOException e) {
      log.error(
          "Cannot write to {}; an event of the audit is missing there: {}", path, e.toString());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reopens the file under its name, after the old one was renamed.
   *
   * @return the file
   * @throws IOException when it cannot be created; then lines are still written to the old file
   */
  public Path reopen() throws IOException {
    FileChannel next = append(path);
    lock.lock();
    try {
      out.close();
      out = next;
    } finally {
      lock.unlock();
    }
    return path;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /** The hash of a line. */
  static String hash(String before, String begun) {
    return DigestUtils.sha256Hex(before + begun);
  }

  private static FileChannel append(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Reads the hash of the last line; a line that a crash cut off is ended, so that it is seen. */
  private static String lastHash(Path path) throws IOException {
    if (!Files.exists(path) || Files.size(path) == 0) {
      return BEGINNING;
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      long length = file.length();
      byte[] end = new byte[(int) Math.min(length, LONGEST)];
      file.seek(length - end.length);
      file.readFully(end);
      String text = new String(end, StandardCharsets.US_ASCII);
      if (!text.endsWith("\n")) {
        file.write('\n');
      }
      String last = "";
      for (Matcher line = LINE_END.matcher(text); line.find(); ) {
        last = line.group(1);
      }
      if (last.isEmpty()) {
        throw new IOException("it holds no line of the audit: move it away");
      }
      return last;
    }
  }
}
