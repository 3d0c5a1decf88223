package io.registry.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One HTTP answer as it came over a connection; nothing behind it is read. */
public final class RawAnswer {
  private final String head;
  private final byte[] body;

  private RawAnswer(String head, byte[] body) {
    this.head = head;
    this.body = body;
  }

  /** Reads the answer to a request of that method. */
  public static RawAnswer read(RawConnection connection, String method) throws IOException {
    return read(connection, method, Integer.MAX_VALUE);
  }

  /** Reads the answer to a request of that method, but no more than so much of its body. */
  public static RawAnswer read(RawConnection connection, String method, int limit)
      throws IOException {
    String head = connection.readHead();
    if (!head.startsWith("HTTP/1.") || !head.endsWith("\r\n\r\n")) {
      throw new IOException("not an HTTP answer: " + head);
    }
    RawAnswer answer = new RawAnswer(head, new byte[0]);
    int status = answer.status();
    if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
      return answer;
    }
    return new RawAnswer(head, answer.readBody(connection, limit));
  }

  private byte[] readBody(RawConnection connection, int limit) throws IOException {
    if (header("Transfer-Encoding").equals("chunked")) {
      return readChunks(connection);
    }
    if (header("Content-Length").isEmpty()) {
      return connection.in().readAllBytes();
    }
    int announced = Integer.parseInt(header("Content-Length"));
    byte[] bytes = connection.in().readNBytes(Math.min(announced, limit));
    if (bytes.length < Math.min(announced, limit)) {
      throw new IOException("only %d of %d bytes came".formatted(bytes.length, announced));
    }
    return bytes;
  }

  private static byte[] readChunks(RawConnection connection) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int size = chunkSize(connection); size > 0; size = chunkSize(connection)) {
      bytes.write(connection.in().readNBytes(size));
      readLine(connection);
    }
    readLine(connection);
    return bytes.toByteArray();
  }

  private static int chunkSize(RawConnection connection) throws IOException {
    return Integer.parseInt(readLine(connection), 16);
  }

  private static String readLine(RawConnection connection) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\r\n") < 0) {
      int next = connection.in().read();
      if (next < 0) {
        throw new IOException("the chunks end in " + line);
      }
      line.append((char) next);
    }
    return line.substring(0, line.length() - 2);
  }

  public int status() {
    return Integer.parseInt(head.substring(9, 12));
  }

  /** The first value of a header, or an empty text when it is absent. */
  public String header(String name) {
    return headers(name).stream().findFirst().orElse("");
  }

  /** All values of a header. */
  public List<String> headers(String name) {
    String start = name + ":";
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
        .map(line -> line.substring(start.length()).strip())
        .toList();
  }

  public byte[] bytes() {
    return body;
  }

  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The same answer with another status, as a bad proxy would send it. */
  public RawAnswer withStatus(int status) {
    return new RawAnswer(head.substring(0, 9) + status + head.substring(12), body);
  }

  /** The same answer without a header. */
  public RawAnswer without(String name) {
    return with(name, "");
  }

  /** The same answer with another value of a header; an empty one takes the header away. */
  public RawAnswer with(String name, String value) {
    StringBuilder lines = new StringBuilder();
    head.lines()
        .filter(line -> !line.isEmpty())
        .filter(line -> !line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .forEach(line -> lines.append(line).append("\r\n"));
    if (!value.isEmpty()) {
      lines.append(name).append(": ").append(value).append("\r\n");
    }
    return new RawAnswer(lines.append("\r\n").toString(), body);
  }

  /** The same answer with another body. */
  public RawAnswer withBody(String text) {
    return new RawAnswer(head, text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return head.replace("\r\n", "\n") + text();
  }
}
