package io.registry.testkit;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/** Speaks to a Redis on this machine, without anything that the registry uses for that. */
final class RedisConnection implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /** Connects; no answer may take longer than that. */
  RedisConnection(SocketFactory sockets, int port, Duration patience) throws IOException {
    this.socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) patience.toMillis());
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = new BufferedOutputStream(socket.getOutputStream());
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A reply as text: an array has a line for each of its elements, and nothing is {@code (nil)}.
   */
  static String text(@Nullable Object reply) {
    if (reply == null) {
      return "(nil)";
    }
    if (reply instanceof byte[] bulk) {
      return new String(bulk, StandardCharsets.UTF_8);
    }
    if (reply instanceof List<?> array) {
      List<String> lines = new ArrayList<>();
      for (Object element : array) {
        lines.add(text(element));
      }
      return String.join("\n", lines);
    }
    return reply.toString();
  }

  /** Sends a command, and waits for the reply. */
  @Nullable Object call(String... command) throws IOException {
    byte[][] words = new byte[command.length][];
    for (int i = 0; i < command.length; i++) {
      words[i] = bytes(command[i]);
    }
    return call(words);
  }

  /** Sends a command, and waits for the reply. */
  @Nullable Object call(byte[]... command) throws IOException {
    send(command);
    return read();
  }

  /** Sends a command only. */
  void send(byte[]... command) throws IOException {
    out.write(bytes("*" + command.length + "\r\n"));
    for (byte[] word : command) {
      out.write(bytes("$" + word.length + "\r\n"));
      out.write(word);
      out.write(bytes("\r\n"));
    }
    out.flush();
  }

  /**
   * Waits for the next reply: a text, a number, bytes, or a list of such.
   *
   * @throws IllegalStateException if it is an error
   */
  @Nullable Object read() throws IOException {
    String line = readLine();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case '-' -> throw new IllegalStateException(rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> readBulk(Integer.parseInt(rest));
      case '*' -> readArray(Integer.parseInt(rest));
      default -> throw new IOException("not a reply of Redis: " + line);
    };
  }

  private byte @Nullable [] readBulk(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bulk = in.readNBytes(length);
    if (!readLine().isEmpty() || bulk.length < length) {
      throw new EOFException();
    }
    return bulk;
  }

  private @Nullable List<@Nullable Object> readArray(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    List<@Nullable Object> array = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      array.add(read());
    }
    return array;
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      line.append((char) next);
    }
    line.setLength(line.length() - 1);
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
