package io.registry.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.registry.testkit.FakeGcsBucket.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Google Cloud Storage in this process: the JSON API as far as the registry uses it, as the
 * documents of the service describe it, over real sockets. It counts what it is asked for, and
 * fails as it is told to.
 */
public final class FakeGcs implements AutoCloseable {
  public static final String BUCKET = "layers";

  private static final JsonMapper JSON = new JsonMapper();
  private static final KeyPair KEYS = newKeys();
  private static final String TOKEN = "a-token-of-the-fake";
  private static final int MAX_BATCH = 100;
  private static final Pattern OBJECT =
      Pattern.compile(
          "(/download)?/storage/v1/b/([^/]+)/o(?:/([^/]+))?(?:/rewriteTo/b/([^/]+)/o/([^/]+))?");
  private static final Pattern BATCHED = Pattern.compile("(?m)^DELETE (\\S+)");

  static {
    // Else each small answer waits for the client's delayed acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** What the service can be asked for. */
  public enum Call {
    TOKEN,
    LIST,
    STAT,
    MEDIA,
    INSERT,
    START,
    CHUNK,
    LAST_CHUNK,
    STATUS,
    CANCEL,
    DELETE,
    REWRITE,
    BATCH,
    BATCHED_DELETE
  }

  /** How services differ, of which all serve the same clients. */
  public enum Dialect {
    /** The service itself. */
    GOOGLE,
    /**
     * fake-gcs-server 1.55.1: a 404 does not say what is missing, that of a download is a text; the
     * last bytes of an empty object have an invalid Content-Range.
     */
    TERSE,
    /**
     * Google's storage-testbench 0.63.0: the document of the error is a text in another one without
     * a reason, a size of 0 is omitted, 416 has no size; there are no batches; the last bytes of an
     * empty object have an invalid Content-Range.
     */
    NESTED
  }

  /** How a request goes wrong. */
  public enum Kind {
    REFUSE,
    DONE_BUT_FAILED,
    CUT_REQUEST,
    CUT_ANSWER,
    WRONG_LENGTH,
    HANG,
    NONE
  }

  /**
   * A request that goes wrong.
   *
   * @param kind how
   * @param number the status that is answered, 0 for none; or after how many bytes it is cut
   * @param reason the reason in the body of an answer
   */
  public record Fault(Kind kind, int number, String reason) {
    /** Answered without being looked at; in a batch, without a reason it is an empty document. */
    public static Fault refuse(int status, String reason) {
      return new Fault(Kind.REFUSE, status, reason);
    }

    /** Done, and then answered with an error; or with nothing, when the status is 0. */
    public static Fault doneBut(int status) {
      return new Fault(Kind.DONE_BUT_FAILED, status, "backendError");
    }

    /** The connection breaks after so many bytes of the request's body. */
    public static Fault cutRequest(int bytes) {
      return new Fault(Kind.CUT_REQUEST, bytes, "");
    }

    /** The connection breaks after so many bytes of the answer's body. */
    public static Fault cutAnswer(int bytes) {
      return new Fault(Kind.CUT_ANSWER, bytes, "");
    }

    /** So many bytes are sent, and announced by Content-Length, as if they were all. */
    public static Fault wrongLength(int bytes) {
      return new Fault(Kind.WRONG_LENGTH, bytes, "");
    }

    /** Nothing goes wrong, for the sake of those after it. */
    public static Fault none() {
      return new Fault(Kind.NONE, 0, "");
    }

    /** Nothing is answered until the fake is closed. */
    public static Fault hang() {
      return new Fault(Kind.HANG, 0, "");
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final FakeGcsBucket bucket = new FakeGcsBucket(BUCKET);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<Call, Integer> counts = new EnumMap<>(Call.class);
  private final Map<Call, Deque<Fault>> next = new EnumMap<>(Call.class);
  private final Map<Call, Fault> always = new EnumMap<>(Call.class);
  private final BlockingQueue<Boolean> downloads = new LinkedBlockingQueue<>();
  private final Set<Integer> connections = ConcurrentHashMap.newKeySet();
  private boolean withoutCredentials;

  public FakeGcs() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The JSON key of a service account that this service knows. */
  public String serviceAccount() {
    return JSON.writeValueAsString(
        Map.of(
            "type",
            "service_account",
            "project_id",
            "a-project",
            "private_key_id",
            "1",
            "private_key",
            "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(KEYS.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n",
            "client_email",
            "registry@a-project.iam.gserviceaccount.com",
            "client_id",
            "1",
            "token_uri",
            endpoint() + "/token"));
  }

  /** The public half of the service account's key. */
  public static PublicKey publicKey() {
    return KEYS.getPublic();
  }

  /** Takes requests of anybody, as emulators do. */
  public void needNoCredentials() {
    withoutCredentials = true;
  }

  /** Lets the next requests of a kind go wrong, one after the other. */
  public synchronized void next(Call call, Fault... faults) {
    next.computeIfAbsent(call, any -> new ArrayDeque<>()).addAll(List.of(faults));
  }

  /** Lets all requests of a kind go wrong. */
  public synchronized void always(Call call, Fault fault) {
    always.put(call, fault);
  }

  /** How often it was asked so. */
  public synchronized int count(Call call) {
    return counts.getOrDefault(call, 0);
  }

  /** How often it was asked, not counting the signing in, nor for what keeps the cache. */
  public synchronized int countAll() {
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey() != Call.TOKEN && entry.getKey() != Call.BATCHED_DELETE)
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  public synchronized void forgetCounts() {
    counts.clear();
  }

  public int openSessions() {
    return bucket.openSessions();
  }

  public List<String> names() {
    return bucket.names();
  }

  public byte[] bytes(String object) {
    return bucket.bytes(object);
  }

  public String kmsKey(String object) {
    return bucket.kmsKey(object);
  }

  public void put(String object, byte[] bytes) {
    bucket.put(object, bytes);
  }

  public void removeBucket() {
    bucket.remove();
  }

  /** How many connections have been made to it. */
  public int connections() {
    return connections.size();
  }

  /** Does not tell checksums, as it may be with objects that are encrypted in certain ways. */
  public void hideChecksums() {
    bucket.hideChecksums();
  }

  /** Claims that the bytes of downloads are compressed. */
  public void compressDownloads() {
    bucket.compressDownloads();
  }

  /** Answers 416 with nothing but that. */
  public void hideSizeWhenUnsatisfiable() {
    bucket.hideSizeWhenUnsatisfiable();
  }

  /** From now on, it answers as this one does. */
  public void speak(Dialect dialect) {
    bucket.speak(dialect);
  }

  /** Publishes an upload with its first chunk, although more were to come. */
  public void publishEarly() {
    bucket.publishEarly();
  }

  /** Changes a byte of each upload on its way, and notices when there is a checksum. */
  public void damageUploads() {
    bucket.damageUploads(true);
  }

  /** Changes a byte of each upload, and does not compare checksums. */
  public void corruptUploads() {
    bucket.damageUploads(false);
  }

  /** Waits until a download has ended; tells whether the client has cut it. */
  public boolean nextDownloadIsCut() throws InterruptedException {
    return Boolean.TRUE.equals(downloads.poll(30, TimeUnit.SECONDS));
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      connections.add(exchange.getRemoteAddress().getPort());
      Request request = new Request(exchange);
      Call call = request.call();
      Fault fault = begin(call).orElse(Fault.none());
      if (exchange.getRequestURI().toString().contains("_cache")) {
        forget(call);
      }
      if (fault.kind() == Kind.HANG) {
        closed.await();
        return;
      }
      boolean cut = fault.kind() == Kind.CUT_REQUEST;
      byte[] body = request.body(cut ? fault.number() : Integer.MAX_VALUE);
      if (fault.kind() == Kind.REFUSE) {
        send(exchange, Answer.error(fault.number(), fault.reason(), fault.reason()));
        return;
      }
      if (cut && call != Call.CHUNK && call != Call.LAST_CHUNK) {
        return;
      }
      Answer answer = request.isAllowed(call) ? answer(request, call, body, cut) : unauthorized();
      boolean sent = false;
      try {
        finish(exchange, answer, fault, cut);
        sent = true;
      } finally {
        if (call == Call.MEDIA) {
          downloads.add(!sent);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Optional<Fault> begin(Call call) {
    counts.merge(call, 1, Integer::sum);
    Deque<Fault> faults = next.getOrDefault(call, new ArrayDeque<>());
    return faults.isEmpty() ? Optional.ofNullable(always.get(call)) : Optional.of(faults.remove());
  }

  private synchronized void forget(Call call) {
    counts.merge(call, -1, Integer::sum);
  }

  private static void finish(HttpExchange exchange, Answer answer, Fault fault, boolean cut)
      throws IOException {
    if (cut) {
      return;
    }
    switch (fault.kind()) {
      case DONE_BUT_FAILED -> {
        if (fault.number() > 0) {
          send(exchange, Answer.error(fault.number(), fault.reason(), fault.reason()));
        }
      }
      case CUT_ANSWER -> send(exchange, answer, answer.body().length, fault.number());
      case WRONG_LENGTH -> send(exchange, answer, fault.number(), fault.number());
      default -> send(exchange, answer);
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    send(exchange, answer, answer.body().length, answer.body().length);
  }

  private static void send(HttpExchange exchange, Answer answer, int announced, int sent)
      throws IOException {
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(answer.status(), announced == 0 ? -1 : announced);
    OutputStream out = exchange.getResponseBody();
    out.write(answer.body(), 0, Math.min(sent, answer.body().length));
    out.flush();
  }

  private static Answer unauthorized() {
    return Answer.error(401, "authError", "Invalid Credentials");
  }

  private Answer answer(Request request, Call call, byte[] body, boolean broken) {
    Map<String, String> query = request.query;
    String id = query.getOrDefault("upload_id", "");
    return switch (call) {
      case TOKEN ->
          Answer.json(
              JSON.createObjectNode()
                  .put("access_token", TOKEN)
                  .put("expires_in", 3600)
                  .put("token_type", "Bearer"));
      case LIST -> bucket.list(request.bucket(), query);
      case STAT -> bucket.stat(request.bucket(), request.object(), query);
      case MEDIA ->
          bucket.media(request.bucket(), request.object(), query, request.header("Range"));
      case INSERT -> insert(request, body);
      case START -> bucket.start(request.bucket(), query, JSON.readTree(body), endpoint());
      case CHUNK, LAST_CHUNK, STATUS ->
          bucket.chunk(
              id, request.header("Content-Range"), request.header("X-Goog-Hash"), body, broken);
      case CANCEL ->
          request.header("Content-Length").equals("0")
              ? bucket.cancel(id)
              : Answer.error(411, "lengthRequired", "Length Required");
      case DELETE, BATCHED_DELETE -> bucket.delete(request.bucket(), request.object(), query);
      case REWRITE -> bucket.rewrite(request.bucket(), request.object(), request.copy(), query);
      case BATCH -> batch(request, body);
    };
  }

  private Answer insert(Request request, byte[] body) {
    if (!request.query.getOrDefault("uploadType", "").equals("multipart")) {
      return Answer.error(400, "badRequest", "only multipart uploads are known here");
    }
    List<byte[]> parts = parts(body, request.boundary());
    if (parts.size() != 2) {
      return Answer.error(400, "badRequest", "not two parts");
    }
    JsonNode metadata = JSON.readTree(content(parts.get(0)));
    return bucket.insert(request.bucket(), request.query, metadata, content(parts.get(1)));
  }

  private Answer batch(Request request, byte[] body) {
    if (!bucket.knowsBatches()) {
      return Answer.error(501, "", "Not implemented");
    }
    List<byte[]> parts = parts(body, request.boundary());
    if (parts.size() > MAX_BATCH) {
      return Answer.error(400, "badRequest", "too many calls in a batch");
    }
    StringBuilder answers = new StringBuilder();
    for (byte[] part : parts) {
      Matcher line = BATCHED.matcher(latin1(part));
      if (!line.find()) {
        return Answer.error(400, "badRequest", "only deletions are known here");
      }
      Answer answer = batched(line.group(1));
      answers
          .append("--answers\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 ")
          .append(answer.status())
          .append(" Done\r\nContent-Type: application/json\r\nContent-Length: ")
          .append(answer.body().length)
          .append("\r\n\r\n")
          .append(latin1(answer.body()))
          .append("\r\n");
    }
    return new Answer(
        200,
        Map.of("Content-Type", "multipart/mixed; boundary=answers"),
        answers.append("--answers--\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private Answer batched(String target) {
    Optional<Fault> fault = begin(Call.BATCHED_DELETE);
    if (fault.isPresent() && fault.get().kind() == Kind.REFUSE) {
      return fault.get().reason().isEmpty()
          ? Answer.json(fault.get().number(), JSON.createObjectNode())
          : Answer.error(fault.get().number(), fault.get().reason(), fault.get().reason());
    }
    Matcher path = OBJECT.matcher(target.replaceFirst("^https?://[^/]+", "").split("\\?", 2)[0]);
    return path.matches()
        ? bucket.delete(decode(path.group(2)), decode(path.group(3)), Map.of())
        : Answer.error(404, "notFound", "Not Found");
  }

  // The parts of a multipart body, each with its head.
  private static List<byte[]> parts(byte[] body, String boundary) {
    String[] parts = latin1(body).split(Pattern.quote("--" + boundary) + "(?:--)?\r\n", -1);
    return Arrays.stream(parts)
        .filter(part -> !part.isEmpty())
        .map(part -> part.substring(0, part.length() - 2))
        .map(part -> part.getBytes(StandardCharsets.ISO_8859_1))
        .toList();
  }

  private static byte[] content(byte[] part) {
    String text = latin1(part);
    return text.substring(text.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String decode(String text) {
    // A plus is a plus in a path.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Request {
    private final HttpExchange exchange;
    private final String method;
    private final String path;
    private final Map<String, String> query = new LinkedHashMap<>();
    private final Matcher target;

    Request(HttpExchange exchange) {
      this.exchange = exchange;
      this.method = exchange.getRequestMethod();
      this.path = exchange.getRequestURI().getRawPath();
      this.target = OBJECT.matcher(path.replaceFirst("^/upload", ""));
      String text = exchange.getRequestURI().getRawQuery();
      for (String pair : text == null ? new String[0] : text.split("&")) {
        String[] both = pair.split("=", 2);
        query.put(
            both[0], both.length < 2 ? "" : URLDecoder.decode(both[1], StandardCharsets.UTF_8));
      }
    }

    Call call() {
      if (path.equals("/token")) {
        return Call.TOKEN;
      }
      if (path.startsWith("/batch/")) {
        return Call.BATCH;
      }
      if (!target.matches()) {
        throw new IllegalStateException("not a request of the JSON API: " + method + " " + path);
      }
      if (path.startsWith("/upload/")) {
        return upload();
      }
      return switch (method) {
        case "DELETE" -> Call.DELETE;
        case "POST" -> Call.REWRITE;
        case "GET" ->
            target.group(3) == null
                ? Call.LIST
                : query.getOrDefault("alt", "").equals("media") ? Call.MEDIA : Call.STAT;
        default -> throw new IllegalStateException("unknown: " + method + " " + path);
      };
    }

    private Call upload() {
      if (method.equals("DELETE")) {
        return Call.CANCEL;
      }
      if (method.equals("POST")) {
        return query.getOrDefault("uploadType", "").equals("resumable") ? Call.START : Call.INSERT;
      }
      String range = header("Content-Range");
      if (range.equals("bytes */*")) {
        return Call.STATUS;
      }
      return range.endsWith("/*") ? Call.CHUNK : Call.LAST_CHUNK;
    }

    boolean isAllowed(Call call) {
      return withoutCredentials
          || call == Call.TOKEN
          || query.containsKey("upload_id")
          || header("Authorization").equals("Bearer " + TOKEN);
    }

    byte[] body(int most) throws IOException {
      InputStream in = exchange.getRequestBody();
      return most == Integer.MAX_VALUE ? in.readAllBytes() : in.readNBytes(most);
    }

    String header(String name) {
      return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
    }

    String boundary() {
      return header("Content-Type").replaceFirst(".*boundary=\"?([^\";]+)\"?.*", "$1");
    }

    String bucket() {
      return decode(target.group(2));
    }

    String object() {
      return decode(target.group(3));
    }

    /** What the object is to be copied to, in the same bucket. */
    String copy() {
      return decode(target.group(5));
    }
  }
}
