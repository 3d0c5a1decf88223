package io.registry.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A TCP connection to a registry, for requests that no HTTP client would send. */
public final class RawConnection implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 120_000;
  private static final int ANY_PORT = 0;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public RawConnection(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** A connection that comes from that address of this machine. */
  public static RawConnection from(String address, int port) throws IOException {
    return new RawConnection(
        new Socket(
            InetAddress.getLoopbackAddress(), port, InetAddress.getByName(address), ANY_PORT));
  }

  private RawConnection(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /** A connection that speaks TLS, to 127.0.0.1, whose name the certificate has to have. */
  public static RawConnection secured(int port, SSLContext trust) throws IOException {
    SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", port);
    try {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return new RawConnection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends the request, half-closes, and reads all that comes back. */
  public static String exchange(int port, String request) throws IOException {
    try (RawConnection connection = new RawConnection(port)) {
      connection.send(request);
      connection.halfClose();
      return connection.readAll();
    }
  }

  /** Sends the text, one byte for each character. */
  public void send(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  public void halfClose() throws IOException {
    socket.shutdownOutput();
  }

  /** Reads until the server closes. */
  public String readAll() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  /** Reads the head of one answer, with the empty line that ends it; empty at the end. */
  public String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return head.toString();
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /** Reads that many bytes. */
  public String read(int count) throws IOException {
    return new String(in.readNBytes(count), StandardCharsets.ISO_8859_1);
  }

  public InputStream in() {
    return in;
  }

  public OutputStream out() {
    return out;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
