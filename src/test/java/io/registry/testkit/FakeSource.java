package io.registry.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A registry that answers whatever a test tells it to, and remembers what it was asked. */
public final class FakeSource implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  public FakeSource() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Answers a request. */
  public interface Answer {
    void send(HttpExchange exchange) throws IOException;
  }

  /** A request that came; names of headers are as Java's server spells them. */
  public record Request(String method, String path, Map<String, String> headers) {
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** From now on this is the answer to requests for a path. */
  public FakeSource on(String path, Answer answer) {
    answers.put(path, answer);
    return this;
  }

  /** From now on there is an image, with more headers on its JSON. */
  public FakeSource serve(TestImage image, List<String> ancestry, String... headers) {
    return on(image.path("json"), body(200, image.json(), headers))
        .on(
            image.path("ancestry"),
            body(
                200,
                ("[\"" + String.join("\", \"", ancestry) + "\"]").getBytes(StandardCharsets.UTF_8)))
        .on(image.path("layer"), body(200, image.layer()));
  }

  /** From now on there is a base image, as another registry of ours would tell of it. */
  public FakeSource serve(TestImage base) {
    return serve(
        base,
        List.of(base.id()),
        "X-Docker-Checksum-Payload",
        base.checksum(),
        "X-Docker-Size",
        Integer.toString(base.layer().length));
  }

  /** An answer with Content-Length; headers are names and values in turn. */
  public static Answer body(int status, byte[] body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (head) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      }
      exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
      if (!head) {
        try (OutputStream out = exchange.getResponseBody()) {
          out.write(body);
        }
      }
    };
  }

  /** An answer in chunks. */
  public static Answer chunked(byte[] body) {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    };
  }

  /** An answer that breaks off after so many of the bytes that it announces. */
  public static Answer truncated(byte[] body, int sent) {
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body, 0, sent);
      exchange.getResponseBody().flush();
      // Neither the rest nor a proper end: the server closes the connection.
      throw new IOException("cut");
    };
  }

  /** An answer in chunks that breaks off before the last one. */
  public static Answer truncatedChunks(byte[] body, int sent) {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(body, 0, sent);
      exchange.getResponseBody().flush();
      throw new IOException("cut");
    };
  }

  /** An answer whose rest comes when the gate is opened. */
  public static Answer halting(byte[] body, int sent, CountDownLatch gate) {
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      OutputStream out = exchange.getResponseBody();
      out.write(body, 0, sent);
      out.flush();
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("stopped", e);
      }
      out.write(body, sent, body.length - sent);
      out.close();
    };
  }

  /** A redirect. */
  public static Answer redirect(URI target) {
    return body(302, new byte[0], "Location", target.toString());
  }

  // When sending fails the exchange is not closed, and the server cuts the connection.
  private void handle(HttpExchange exchange) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name, String.join(", ", values)));
    String path = exchange.getRequestURI().toString();
    requests.add(new Request(exchange.getRequestMethod(), path, headers));
    answers.getOrDefault(path, body(404, "{}".getBytes(StandardCharsets.UTF_8))).send(exchange);
    exchange.close();
  }

  /** What came, in order. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** How often a path was asked for with that method. */
  public long count(String method, String path) {
    return requests.stream()
        .filter(request -> request.method().equals(method) && request.path().equals(path))
        .count();
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
