package io.registry.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/** How a client family writes requests: one TCP connection for each, the headers in its order. */
final class DockerWire {
  /** The longest chunk that daemons send. */
  private static final int MAX_CHUNK = 32 * 1024;

  private static final int[] CHUNKS = {10, 2, 37, 4, 61, 1024, 23, MAX_CHUNK, 512, 1, 4096, 18};

  private final DockerFamily family;
  private final int port;
  private final Optional<SSLContext> trust;
  private final DockerDaemon.Proxy proxy;

  DockerWire(DockerFamily family, int port, Optional<SSLContext> trust, DockerDaemon.Proxy proxy) {
    this.family = family;
    this.port = port;
    this.trust = trust;
    this.proxy = proxy;
  }

  /** The same client at another port. */
  DockerWire at(int other) {
    return new DockerWire(family, other, trust, proxy);
  }

  boolean isSecure() {
    return trust.isPresent();
  }

  /** Where it sends requests to, as clients tell an index. */
  String endpoint() {
    return (isSecure() ? "https" : "http") + "://127.0.0.1:" + port + "/v1/";
  }

  private RawConnection connect() throws IOException {
    return trust.isPresent() ? RawConnection.secured(port, trust.get()) : new RawConnection(port);
  }

  /** A request without a body. */
  RawAnswer send(String method, String path, Map<String, String> headers) {
    return send(method, path, headers, Integer.MAX_VALUE);
  }

  /** A request without a body, of whose answer no more than so much is read. */
  RawAnswer send(String method, String path, Map<String, String> headers, int limit) {
    return exchange(
        method, path, connection -> connection.send(head(method, path, "", headers)), limit);
  }

  /** A request with Content-Length. */
  RawAnswer send(String method, String path, Map<String, String> headers, byte[] body) {
    return exchange(
        method,
        path,
        connection -> {
          connection.send(head(method, path, "Content-Length: " + body.length, headers));
          connection.out().write(body);
        },
        Integer.MAX_VALUE);
  }

  /** The ping and the like, which old daemons send by Go's plain client. */
  RawAnswer sendPlainly(
      String method, String path, boolean keepOpen, Map<String, String> headers, byte[] body) {
    String length = body.length == 0 ? "" : "Content-Length: " + body.length;
    String head = head(method, path, length, headers, family.pingUserAgent());
    String kept = keepOpen ? head.replace("Connection: close\r\n", "") : head;
    return exchange(
        method,
        path,
        connection -> {
          connection.send(kept);
          connection.out().write(body);
        },
        Integer.MAX_VALUE);
  }

  /** A request in chunks as irregular as a daemon's. */
  RawAnswer sendChunked(
      String method,
      String path,
      Map<String, String> headers,
      byte[] body,
      DockerDaemon.Fault fault) {
    return exchange(
        method,
        path,
        connection -> {
          boolean measured = fault == DockerDaemon.Fault.CONTENT_LENGTH_CUT;
          connection.send(
              head(
                  method,
                  path,
                  measured ? "Content-Length: " + body.length : "Transfer-Encoding: chunked",
                  headers));
          switch (fault) {
            case CONTENT_LENGTH_CUT -> {
              connection.out().write(body, 0, body.length / 2);
              connection.halfClose();
            }
            case LAST_CHUNK_MISSING -> {
              writeChunks(connection.out(), body);
              connection.halfClose();
            }
            case CONNECTION_DROPPED_INSIDE_A_CHUNK -> {
              writeChunks(connection.out(), Arrays.copyOf(body, body.length / 2));
              connection.send(Integer.toHexString(MAX_CHUNK) + "\r\n" + "cut off");
              connection.close();
            }
            case NONE, WRONG_CHECKSUM -> {
              writeChunks(connection.out(), body);
              connection.send("0\r\n\r\n");
            }
          }
        },
        Integer.MAX_VALUE);
  }

  /**
   * Tries TLS first, as every daemon does.
   *
   * @return what came back before the server closed
   */
  String sayTlsHello() {
    try (RawConnection connection = new RawConnection(port)) {
      connection.out().write(tlsHello());
      connection.out().flush();
      return connection.readAll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] tlsHello() throws SSLException {
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine();
      engine.setUseClientMode(true);
      ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), record);
      byte[] hello = Arrays.copyOf(record.array(), result.bytesProduced());
      // Go writes the oldest version into the first record.
      hello[2] = 1;
      return hello;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private RawAnswer exchange(String method, String path, Sending sending, int limit) {
    try (RawConnection connection = connect()) {
      sending.to(connection);
      return proxy.pass(method + " " + path, RawAnswer.read(connection, method, limit));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String head(String method, String path, String length, Map<String, String> headers) {
    return head(method, path, length, headers, family.userAgent());
  }

  // Go's order: Host, User-Agent, the body's framing, the others sorted, what the transport adds.
  private String head(
      String method, String path, String length, Map<String, String> headers, String agent) {
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    if (family == DockerFamily.NPM) {
      headers.forEach((name, value) -> line(head, name.toLowerCase(Locale.ROOT), value));
      line(head, "accept", "application/json");
      line(head, "user-agent", agent);
      line(head, "date", "Tue, 24 Nov 2015 00:00:52 GMT");
      line(head, "host", "127.0.0.1:" + port);
      line(head, "connection", "close");
      return head.append("\r\n").toString();
    }
    line(head, "Host", "127.0.0.1:" + port);
    line(head, "User-Agent", agent);
    if (!length.isEmpty()) {
      head.append(length).append("\r\n");
    }
    headers.forEach((name, value) -> line(head, name, value));
    line(head, "Accept-Encoding", "gzip");
    line(head, "Connection", "close");
    return head.append("\r\n").toString();
  }

  private static void line(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append("\r\n");
  }

  private static void writeChunks(OutputStream out, byte[] body) throws IOException {
    int next = 0;
    for (int offset = 0; offset < body.length; next++) {
      int size = Math.min(CHUNKS[next % CHUNKS.length], body.length - offset);
      out.write((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(body, offset, size);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      offset += size;
    }
    out.flush();
  }

  @FunctionalInterface
  private interface Sending {
    void to(RawConnection connection) throws IOException;
  }
}
