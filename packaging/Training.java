import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Runs the registry as an ordinary day does, so that a JVM that is told to keep what it loads and
 * learns has something to keep: starts it, pushes and pulls, and stops it.
 *
 * <pre>java Training.java COMMAND...</pre>
 *
 * The command starts the registry: {@code java -XX:AOTCacheOutput=registry.aot -jar registry.jar}.
 */
public class Training {
  private static final int PUSHES = 30;
  private static final int PULLS = 300;
  private static final int START_SECONDS = 300;
  private static final String REPOSITORY = "/v1/repositories/example/training";

  private final HttpClient client = HttpClient.newHttpClient();
  private final Random random = new Random(1);
  private final String server;

  private Training(int port) {
    server = "http://127.0.0.1:" + port;
  }

  public static void main(String[] command) throws Exception {
    Path store = Files.createTempDirectory("training");
    int port = freePort();
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(
        List.of(
            "--server.address=127.0.0.1",
            "--server.port=" + port,
            "--registry.storage.local.path=" + store));
    Process registry = new ProcessBuilder(words).inheritIO().start();
    try {
      Training training = new Training(port);
      training.awaitReady(registry);
      for (int push = 0; push < PUSHES; push++) {
        String image = training.push();
        for (int pull = 0; pull < PULLS / PUSHES; pull++) {
          training.pull(image);
        }
      }
      // It ends as it does for an operator. What it has learned is written then.
      registry.destroy();
      int status = registry.waitFor();
      if (status != 0) {
        throw new IOException("the registry ended with " + status);
      }
    } finally {
      registry.destroyForcibly();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private void awaitReady(Process registry) throws Exception {
    long end = System.nanoTime() + START_SECONDS * 1_000_000_000L;
    while (!isReady()) {
      if (!registry.isAlive() || System.nanoTime() > end) {
        throw new IOException("the registry does not get ready");
      }
      Thread.sleep(100);
    }
  }

  private boolean isReady() throws Exception {
    try {
      HttpRequest question = request("/actuator/health/readiness").build();
      return client.send(question, BodyHandlers.discarding()).statusCode() == 200;
    } catch (ConnectException e) {
      return false;
    }
  }

  /** Pushes an image of one layer, and answers its id. */
  private String push() throws Exception {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    byte[] layer = new byte[100_000];
    random.nextBytes(layer);
    String json = "{\"id\": \"" + id + "\", \"created\": \"2014-11-05T00:00:00Z\"}";

    send(
        200,
        request(REPOSITORY + "/")
            .header("X-Docker-Token", "true")
            .PUT(BodyPublishers.ofString("[{\"id\": \"" + id + "\"}]")));
    send(404, request("/v1/images/" + id + "/json"));
    send(200, request("/v1/images/" + id + "/json").PUT(BodyPublishers.ofString(json)));
    send(200, request("/v1/images/" + id + "/layer").PUT(BodyPublishers.ofByteArray(layer)));
    send(
        200,
        request("/v1/images/" + id + "/checksum")
            .header("X-Docker-Checksum-Payload", "sha256:" + checksum(json, layer))
            .PUT(BodyPublishers.noBody()));
    send(
        200, request(REPOSITORY + "/tags/latest").PUT(BodyPublishers.ofString("\"" + id + "\"")));
    send(204, request(REPOSITORY + "/images").PUT(BodyPublishers.ofString("[]")));
    return id;
  }

  private static String checksum(String json, byte[] layer) throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update((json + "\n").getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(sha256.digest(layer));
  }

  private void pull(String id) throws Exception {
    send(200, request("/v1/_ping"));
    send(200, request(REPOSITORY + "/images").header("X-Docker-Token", "true"));
    send(200, request(REPOSITORY + "/tags"));
    send(200, request(REPOSITORY + "/tags/latest"));
    for (String part : List.of("ancestry", "json", "layer")) {
      send(200, request("/v1/images/" + id + "/" + part));
    }
    send(206, request("/v1/images/" + id + "/layer").header("Range", "bytes=1000-"));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server + path))
        .version(HttpClient.Version.HTTP_1_1)
        .header("Content-Type", "application/json");
  }

  private void send(int expected, HttpRequest.Builder builder) throws Exception {
    HttpRequest request = builder.build();
    HttpResponse<byte[]> answer = client.send(request, BodyHandlers.ofByteArray());
    if (answer.statusCode() != expected) {
      throw new IOException(request.method() + " " + request.uri() + ": " + answer.statusCode());
    }
  }
}
