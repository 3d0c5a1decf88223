package io.registry.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An index service over real HTTP, as far as a registry asks it. It issues tokens, keeps what it
 * was asked, and is as slow, wrong or absent as it is told to be.
 */
public final class FakeIndex implements AutoCloseable {
  private static final Pattern IMAGES = Pattern.compile("/v1/repositories/([^/]+/[^/]+)/images");
  private static final Pattern ACCESS =
      Pattern.compile("/v1/repositories/([^/]+/[^/]+)/layer/([a-f0-9]+)/access");

  static {
    // Else each small answer waits for the client's delayed acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /**
   * A question.
   *
   * @param method the method
   * @param path as it came, without decoding
   * @param headers all of them; names in lower case
   * @param body the body
   */
  public record Question(
      String method, String path, Map<String, List<String>> headers, String body) {
    /** The values of a header. */
    public List<String> header(String name) {
      return headers.getOrDefault(name, List.of());
    }
  }

  /** What is done with a question. */
  public interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  /** Answers with a status and no body. */
  public static Behaviour status(int status) {
    return exchange -> exchange.sendResponseHeaders(status, -1);
  }

  /** Answers with a status, a body, and headers as names and values in turn. */
  public static Behaviour body(int status, byte[] body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    };
  }

  /** Answers with a status, a text, and headers as names and values in turn. */
  public static Behaviour body(int status, String body, String... headers) {
    return body(status, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  /** Closes the connection in place of an answer. */
  public static Behaviour cut() {
    return HttpExchange::close;
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Question> questions = new CopyOnWriteArrayList<>();
  private final Map<String, String> tokens = new ConcurrentHashMap<>();
  private final Map<String, List<String>> lists = new ConcurrentHashMap<>();
  private final Set<String> accesses = ConcurrentHashMap.newKeySet();
  private final AtomicInteger issued = new AtomicInteger();
  private final Deque<Behaviour> next = new ConcurrentLinkedDeque<>();
  private final CountDownLatch lost = new CountDownLatch(1);
  private final @Nullable TestCertificate certificate;
  private volatile Behaviour otherwise = this::answer;
  private HttpServer server;

  private FakeIndex(@Nullable TestCertificate certificate) {
    this.certificate = certificate;
    this.server = listen(0);
  }

  /** Starts one on a port of its own. */
  public static FakeIndex start() {
    return new FakeIndex(null);
  }

  /** Starts one that speaks TLS only, with a certificate that it makes in that directory. */
  public static FakeIndex startWithTls(Path directory) throws IOException {
    return new FakeIndex(TestCertificate.make(directory));
  }

  private HttpServer listen(int port) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      HttpServer opened = certificate == null ? HttpServer.create(address, 0) : secured(address);
      opened.setExecutor(threads);
      opened.createContext("/", this::receive);
      opened.start();
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpsServer secured(InetSocketAddress address) throws IOException {
    HttpsServer opened = HttpsServer.create(address, 0);
    if (certificate != null) {
      opened.setHttpsConfigurator(new HttpsConfigurator(certificate.serving()));
    }
    return opened;
  }

  /** Where it is, as the registry is told. */
  public String endpoint() {
    return (certificate == null ? "http" : "https")
        + "://127.0.0.1:"
        + server.getAddress().getPort();
  }

  /** The file with the certificate that it shows. */
  public Path certificate() {
    if (certificate == null) {
      throw new IllegalStateException("it speaks plain HTTP");
    }
    return certificate.certificate();
  }

  /**
   * Issues a token.
   *
   * @param repository {@code NS/ENCODED_NAME}
   * @param access {@code read}, {@code write}, {@code delete} or anything
   * @return the header that shows it, as clients send it
   */
  public String issue(String repository, String access) {
    String token =
        "Token Token signature=secret%d,repository=\"%s\",access=%s"
            .formatted(issued.incrementAndGet(), repository, access);
    tokens.put(token, repository);
    return token;
  }

  /** Takes back a token. */
  public void revoke(String token) {
    tokens.remove(token);
  }

  /** Lists images for a repository, in place of those that it has listed before. */
  public void list(String repository, String... ids) {
    lists.put(repository, List.of(ids));
  }

  /** Says yes from now on, when it is asked whether who may have that repository may have this. */
  public void allow(String repository, String image) {
    accesses.add(repository + " " + image);
  }

  /** What it was asked, in the order in which it was. */
  public List<Question> questions() {
    return List.copyOf(questions);
  }

  /** How often it was asked. */
  public int timesAsked() {
    return questions.size();
  }

  /** Does these with the next questions, one each. */
  public void next(Behaviour... behaviours) {
    next.addAll(Arrays.asList(behaviours));
  }

  /** Does that with each question. */
  public void always(Behaviour behaviour) {
    otherwise = behaviour;
  }

  /** Answers as it should. */
  public Behaviour usual() {
    return this::answer;
  }

  /** Answers as it should, from now on. */
  public void recover() {
    next.clear();
    otherwise = this::answer;
  }

  /** Is silent until it is closed. */
  public Behaviour hang() {
    return exchange -> {
      await(closed, Long.MAX_VALUE);
      exchange.close();
    };
  }

  /** Answers as it should, when the latch is open. */
  public Behaviour held(CountDownLatch latch) {
    return exchange -> {
      await(latch, Long.MAX_VALUE);
      answer(exchange);
    };
  }

  /** Begins to answer at once, with one byte after another, and never ends. */
  public Behaviour drip(int status) {
    return exchange -> {
      exchange.sendResponseHeaders(status, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        while (!await(closed, 10)) {
          out.write(' ');
          out.flush();
        }
      } catch (IOException e) {
        lost.countDown();
        throw e;
      }
    };
  }

  /** Waits until somebody has had enough of a dripping answer, and has closed the connection. */
  public boolean awaitLostConnection() {
    return await(lost, 20_000);
  }

  private static boolean await(CountDownLatch latch, long millis) {
    try {
      return latch.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
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
      questions.add(
          new Question(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toASCIIString(),
              exchange.getRequestHeaders().entrySet().stream()
                  .collect(
                      Collectors.toMap(
                          header -> header.getKey().toLowerCase(java.util.Locale.ROOT),
                          header -> List.copyOf(header.getValue()))),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      Behaviour behaviour = next.poll();
      (behaviour == null ? otherwise : behaviour).answer(exchange);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    Matcher images = IMAGES.matcher(path);
    Matcher access = ACCESS.matcher(path);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    String repository = authorization == null ? null : tokens.get(authorization);
    if (images.matches() && images.group(1).equals(repository)) {
      body(200, json(lists.getOrDefault(repository, List.of()))).answer(exchange);
    } else if (access.matches() && access.group(1).equals(repository)) {
      boolean yes = accesses.contains(repository + " " + access.group(2));
      body(200, "{\"access\": " + yes + "}").answer(exchange);
    } else {
      body(401, "{\"error\": \"no\"}", "WWW-Authenticate", "Token").answer(exchange);
    }
  }

  private static String json(List<String> ids) {
    return ids.stream()
        .map("{\"id\": \"%s\"}"::formatted)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
