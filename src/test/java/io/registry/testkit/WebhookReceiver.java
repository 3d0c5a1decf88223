package io.registry.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Somebody who is told over HTTP what happens, or asked whether it may. Keeps what it is sent, and
 * is as slow, wrong or absent as it is told to be.
 */
public final class WebhookReceiver implements AutoCloseable {
  private static final JsonMapper MAPPER = new JsonMapper();

  static {
    // Else each small answer waits for the client's delayed acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /**
   * What came.
   *
   * @param path to which path
   * @param headers all of them; names in lower case
   * @param body the body
   */
  public record Post(String path, Map<String, List<String>> headers, String body) {
    /** The first value of a header, or an empty text. */
    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of("")).get(0);
    }

    /** The body. */
    public JsonNode json() {
      return MAPPER.readTree(body);
    }

    /** Of an envelope with one event: what was done to which tag. */
    public String told() {
      JsonNode event = json().at("/events/0");
      JsonNode target = event.path("target");
      return "%s %s:%s"
          .formatted(
              event.path("action").asString(),
              target.path("repository").asString(""),
              target.path("tag").asString(""));
    }
  }

  /** What is done with what came. */
  public interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  /** Answers with a status, a body, and headers as names and values in turn. */
  public static Behaviour answer(int status, String body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    };
  }

  /** Answers with a status, and headers as names and values in turn. */
  public static Behaviour status(int status, String... headers) {
    return answer(status, "", headers);
  }

  /** Closes the connection in place of an answer. */
  public static Behaviour cut() {
    return HttpExchange::close;
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Post> posts = new CopyOnWriteArrayList<>();
  private final Deque<Behaviour> next = new ConcurrentLinkedDeque<>();
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private volatile Behaviour otherwise = status(200);
  private HttpServer server = listen(0);

  /** Starts one on a port of its own, which takes everything. */
  public static WebhookReceiver start() {
    return new WebhookReceiver();
  }

  private WebhookReceiver() {}

  private HttpServer listen(int port) {
    try {
      HttpServer opened =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      opened.setExecutor(threads);
      opened.createContext("/", this::receive);
      opened.start();
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it is. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  /** All that came, in that order, also what it did not take. */
  public List<Post> posts() {
    return List.copyOf(posts);
  }

  /** What was done to which tag, in the order in which it came. */
  public List<String> told() {
    return posts.stream().map(Post::told).toList();
  }

  /** How many were {@link #slow} at the same time at most. */
  public int mostAtOnce() {
    return mostAtOnce.get();
  }

  /** Does these with what comes next, one each. */
  public void next(Behaviour... behaviours) {
    next.addAll(Arrays.asList(behaviours));
  }

  /** Does that with everything. */
  public void always(Behaviour behaviour) {
    otherwise = behaviour;
  }

  /** Is silent until it is closed. */
  public Behaviour hang() {
    return held(closed, 200);
  }

  /** Takes what comes after a while, and counts how many wait for that at the same time. */
  public Behaviour slow(Duration time) {
    return exchange -> {
      mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
      LockSupport.parkNanos(time.toNanos());
      // Before the answer: who has got it may send the next at once.
      atOnce.decrementAndGet();
      status(200).answer(exchange);
    };
  }

  /** Answers when the latch is open. */
  public static Behaviour held(CountDownLatch latch, int status) {
    return exchange -> {
      try {
        latch.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      status(status).answer(exchange);
    };
  }

  /** Refuses connections. */
  public void down() {
    server.stop(0);
  }

  /** Is there again, where it was. */
  public void up() {
    server = listen(server.getAddress().getPort());
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      posts.add(
          new Post(
              exchange.getRequestURI().toASCIIString(),
              exchange.getRequestHeaders().entrySet().stream()
                  .collect(
                      Collectors.toMap(
                          header -> header.getKey().toLowerCase(Locale.ROOT),
                          header -> List.copyOf(header.getValue()))),
              body));
      Behaviour behaviour = next.poll();
      (behaviour == null ? otherwise : behaviour).answer(exchange);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
