package io.registry.testkit;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Plays a Docker daemon, or another client, literally: its requests with their headers in their
 * order, one connection for each, and its insistence. Where the real one gives up, this one throws
 * {@link Failure} with the text that its user would see (protocol 9.2 to 9.9).
 */
public final class DockerDaemon {
  private static final int EXISTENCE_TESTS_AT_ONCE = 5;
  private static final int LAYERS_AT_ONCE = 3;
  private static final byte[] NO_BODY = new byte[0];
  private static final String ANONYMOUS = ":";
  private static final String JSON_TYPE = "application/json";
  private static final Pattern DECIMAL = Pattern.compile("[0-9]+");
  private static final JsonMapper JSON = JsonMapper.shared();

  private final DockerFamily family;
  private final int port;
  private final Setup setup;

  /** A daemon beside the registry at that port of 127.0.0.1, with nobody logged in. */
  public DockerDaemon(DockerFamily family, int port) {
    this(
        family,
        port,
        new Setup(
            ANONYMOUS,
            Optional.empty(),
            (request, answer) -> answer,
            "",
            Fault.NONE,
            OptionalInt.empty()));
  }

  private DockerDaemon(DockerFamily family, int port, Setup setup) {
    this.family = family;
    this.port = port;
    this.setup = setup;
  }

  /** What stands between daemon and registry and bends answers. */
  @FunctionalInterface
  public interface Proxy {
    /**
     * Bends an answer, or leaves it.
     *
     * @param request method and path, as in {@code GET /v1/_ping}
     * @param answer what the registry said
     */
    RawAnswer pass(String request, RawAnswer answer);
  }

  /** What goes wrong while an image is pushed. */
  public enum Fault {
    NONE,
    CONNECTION_DROPPED_INSIDE_A_CHUNK,
    CONTENT_LENGTH_CUT,
    LAST_CHUNK_MISSING,
    WRONG_CHECKSUM
  }

  /** The daemon gives up and tells its user why. */
  public static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(String text) {
      super(text);
    }
  }

  /** The same daemon after a login, which sends nothing by itself. */
  public DockerDaemon loggedInAs(String user, String password) {
    return with(
        new Setup(
            user + ":" + password,
            setup.trust(),
            setup.proxy(),
            setup.faulty(),
            setup.fault(),
            setup.cut()));
  }

  /** The same daemon where https succeeds, so that it never comes to try plain http. */
  public DockerDaemon overTls(SSLContext trust) {
    return with(
        new Setup(
            setup.credentials(),
            Optional.of(trust),
            setup.proxy(),
            setup.faulty(),
            setup.fault(),
            setup.cut()));
  }

  /** The same daemon behind a proxy. */
  public DockerDaemon behind(Proxy proxy) {
    return with(
        new Setup(
            setup.credentials(), setup.trust(), proxy, setup.faulty(), setup.fault(), setup.cut()));
  }

  /** The same daemon, whose push of that image goes wrong. */
  public DockerDaemon failingAt(TestImage image, Fault fault) {
    return with(
        new Setup(
            setup.credentials(), setup.trust(), setup.proxy(), image.id(), fault, setup.cut()));
  }

  /** The same daemon, whose downloads of layers longer than that are cut after so many bytes. */
  public DockerDaemon cutAfter(int bytes) {
    return with(
        new Setup(
            setup.credentials(),
            setup.trust(),
            setup.proxy(),
            setup.faulty(),
            setup.fault(),
            OptionalInt.of(bytes)));
  }

  private DockerDaemon with(Setup other) {
    return new DockerDaemon(family, port, other);
  }

  /**
   * {@code docker push}.
   *
   * @param name with or without namespace
   * @param images parents first
   * @param tags which tag names which image
   * @return the ids of the images whose layers were sent; the others were there already
   */
  public List<String> push(String name, List<TestImage> images, Map<String, String> tags) {
    Command command = new Command();
    command.probe();
    if (family == DockerFamily.DOCKER_1_12) {
      command.expectNoV2("POST", "/v2/" + name + "/blobs/uploads/");
    }
    String repository = "/v1/repositories/" + name + "/";
    command.create(repository, images, tags);
    List<String> uploaded = new ArrayList<>();
    List<Boolean> known =
        family.testsExistenceAtOnce()
            ? atOnce(EXISTENCE_TESTS_AT_ONCE, images, command::exists)
            : List.of();
    for (int i = 0; i < images.size(); i++) {
      TestImage image = images.get(i);
      boolean exists = known.isEmpty() ? command.exists(image) : known.get(i);
      if (!exists && command.upload(image)) {
        uploaded.add(image.id());
      }
      tagsOf(image, tags).forEach(tag -> command.tag(repository + "tags/" + tag, image));
    }
    command.finish(repository + "images");
    return uploaded;
  }

  /**
   * {@code docker pull NAME:TAG}.
   *
   * @param name with or without namespace
   * @param tag one tag
   * @return the images, base first, byte for byte
   */
  public List<TestImage> pull(String name, String tag) {
    Command command = new Command();
    command.probe();
    if (family == DockerFamily.DOCKER_1_12) {
      command.expectNoV2("GET", "/v2/" + name + "/manifests/" + tag);
    }
    boolean npm = family == DockerFamily.NPM;
    String full = name.contains("/") ? name : "library/" + name;
    command.openForReading("/v1/repositories/" + (npm ? full : name) + "/images");
    if (npm) {
      command.openForReading("/v1/repositories/" + full + "/images");
    }
    String top = command.lookUp("/v1/repositories/" + full + "/tags", tag);
    List<String> ancestry = new ArrayList<>(command.ancestry(top));
    Collections.reverse(ancestry);
    if (family != DockerFamily.DOCKER_1_12) {
      return ancestry.stream().map(id -> command.layer(command.describe(id))).toList();
    }
    List<Described> described = atOnce(EXISTENCE_TESTS_AT_ONCE, ancestry, command::describe);
    return atOnce(LAYERS_AT_ONCE, described, command::layer);
  }

  /**
   * {@code docker login HOST}.
   *
   * @return what the user is told
   */
  public String login(String user, String password) {
    Command command = new Command();
    Map<String, String> basic = Map.of("Authorization", "Basic " + base64(user + ":" + password));
    if (!family.createsAccounts()) {
      command.probeForV2(1);
      command.expectNoV2("GET", "/v2/");
      return logIn(command.wire.send("GET", "/v1/users/", basic));
    }
    command.probe(1);
    String body =
        "{\"username\":\"%s\",\"password\":\"%s\",\"auth\":\"\",\"email\":\"a@b.c\"}"
            .formatted(user, password);
    RawAnswer posted =
        command.wire.sendPlainly(
            "POST",
            "/v1/users/",
            family.keepsAccountPostOpen(),
            Map.of("Content-Type", "application/json; charset=utf-8"),
            body.getBytes(StandardCharsets.UTF_8));
    if (posted.status() == 201) {
      return "Account created";
    }
    boolean taken =
        posted.status() == 400 && posted.text().equals("\"Username or email already exists\"");
    if (!taken && posted.status() != 401) {
      throw new Failure(
          "Unexpected status code [%d] : %s".formatted(posted.status(), posted.text()));
    }
    return logIn(command.wire.send("GET", "/v1/users/", basic));
  }

  /**
   * {@code docker search HOST/TERM}, which releases before 1.2 do not know.
   *
   * @return the names that the user is shown
   */
  public List<String> search(String term) {
    Command command = new Command();
    command.probeForSearch();
    String query = "?q=" + URLEncoder.encode(term, StandardCharsets.UTF_8);
    if (family == DockerFamily.DOCKER_1_12) {
      query += "&n=25";
    }
    Map<String, String> headers = new TreeMap<>(Map.of("X-Docker-Token", "true"));
    if (family.showsPasswordToSearch()) {
      command.basicWhenKnown().ifPresent(basic -> headers.put("Authorization", basic));
    } else if (setup.trust().isPresent()) {
      headers.put("Authorization", "Basic " + base64(ANONYMOUS));
    }
    RawAnswer answer = command.wire.send("GET", "/v1/search" + query, headers);
    if (answer.status() != 200) {
      throw new Failure("Unexpected status code " + answer.status());
    }
    return command.found(answer);
  }

  private static String logIn(RawAnswer answer) {
    return switch (answer.status()) {
      case 200 -> "Login Succeeded";
      case 401 -> throw new Failure("Wrong login/password, please try again");
      case 403 -> throw new Failure("Login: Account is not active");
      default -> throw new Failure("Unexpected status code [%d]".formatted(answer.status()));
    };
  }

  private static List<String> tagsOf(TestImage image, Map<String, String> tags) {
    return tags.entrySet().stream()
        .filter(tag -> tag.getValue().equals(image.id()))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static <T, R> List<R> atOnce(int threads, List<T> items, Function<T, R> work) {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<R>> calls = new ArrayList<>();
      items.forEach(item -> calls.add(() -> work.apply(item)));
      List<R> results = new ArrayList<>();
      for (Future<R> result : executor.invokeAll(calls)) {
        results.add(result.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      executor.shutdown();
    }
  }

  private record Setup(
      String credentials,
      Optional<SSLContext> trust,
      Proxy proxy,
      String faulty,
      Fault fault,
      OptionalInt cut) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Described(String id, byte[] json, OptionalInt size) {}

  /** One command of the user: what the daemon learns in it is forgotten afterwards. */
  private final class Command {
    private final DockerWire index = new DockerWire(family, port, setup.trust(), this::checked);
    private DockerWire wire = index;
    private String token = "";
    private boolean standalone;

    private RawAnswer checked(String request, RawAnswer answer) {
      if (!answer.header("Content-Encoding").isEmpty()) {
        throw new Failure(request + " was answered in another encoding");
      }
      return setup.proxy().pass(request, answer);
    }

    private void probeForSearch() {
      sayHello(1);
      if (family.asksForV2First() && family != DockerFamily.DOCKER_1_12) {
        expectNoV2("GET", "/v2/");
      }
      if (family != DockerFamily.NPM) {
        ping();
      }
    }

    private Optional<String> basicWhenKnown() {
      return isAnonymous() ? Optional.empty() : Optional.of(basic());
    }

    // Go decodes into a struct: a field of another type fails, one that is missing does not.
    private List<String> found(RawAnswer answer) {
      JsonNode page = json(answer);
      if (!page.path("num_results").isIntegralNumber()
          || !page.path("query").isString()
          || !page.path("results").isArray()) {
        throw new Failure("json: cannot unmarshal " + answer.text());
      }
      List<String> names = new ArrayList<>();
      for (JsonNode result : page.path("results")) {
        if (!result.path("name").isString()
            || !(result.path("description").isString() || result.path("description").isNull())
            || !result.path("star_count").isIntegralNumber()
            || !result.path("is_official").isBoolean()
            || !result.path("is_trusted").isBoolean()
            || !result.path("is_automated").isBoolean()) {
          throw new Failure("json: cannot unmarshal " + result);
        }
        names.add(result.path("name").stringValue());
      }
      return names;
    }

    /** Before a push or a pull. */
    private void probe() {
      if (family.pingsV1()) {
        probe(family.asksForV2First() ? 2 : 1);
      } else {
        probeForV2(2);
      }
      // Over https they ask once more than over http.
      if (wire.isSecure() && family.pushes()) {
        ping();
      }
    }

    // 9.4: https first, on the same port, then plain http.
    private void probe(int hellos) {
      if (family == DockerFamily.NPM) {
        wire.send("GET", "/v1/_ping", Map.of());
        return;
      }
      sayHello(hellos);
      if (family.asksForV2First()) {
        expectNoV2("GET", "/v2/");
      }
      ping();
    }

    private void ping() {
      RawAnswer ping =
          wire.sendPlainly("GET", "/v1/_ping", family.keepsPingOpen(), Map.of(), NO_BODY);
      if (family.needsRegistryVersion() && ping.header("X-Docker-Registry-Version").isEmpty()) {
        throw new Failure(
            "This does not look like a Registry server (\"X-Docker-Registry-Version\" header not"
                + " found in the response)");
      }
      String said = ping.header("X-Docker-Registry-Standalone");
      standalone = said.isEmpty() || said.equals("1") || said.equalsIgnoreCase("true");
    }

    private void probeForV2(int hellos) {
      sayHello(hellos);
      expectNoV2("GET", "/v2/");
    }

    private void sayHello(int times) {
      if (wire.isSecure()) {
        return;
      }
      for (int i = 0; i < times; i++) {
        String reply = wire.sayTlsHello();
        if (reply.startsWith("\u0016")) {
          throw new Failure("the plain port speaks TLS");
        }
      }
    }

    private void expectNoV2(String method, String path) {
      RawAnswer answer =
          method.equals("POST")
              ? wire.send(method, path, Map.of(), NO_BODY)
              : wire.send(method, path, Map.of());
      // Daemons up to 1.9 go by the header alone. Later ones would pull over V2, and are played
      // here
      // as far as they speak V1.
      if (!answer.header("Docker-Distribution-Api-Version").isEmpty()) {
        throw new Failure("the registry is taken for one of version 2: " + answer);
      }
    }

    private void create(String repository, List<TestImage> images, Map<String, String> tags) {
      RawAnswer answer =
          wire.send(
              "PUT",
              repository,
              indexHeaders(family.sendsBasicToIndex(), Map.of("Content-Type", JSON_TYPE)),
              imageList(images, tags).getBytes(StandardCharsets.UTF_8));
      if (answer.status() == 401) {
        throw new Failure("Please login prior to push");
      }
      if (answer.status() != 200 && answer.status() != 201) {
        throw new Failure(
            "Error: Status %d trying to push repository: %s"
                .formatted(answer.status(), answer.text()));
      }
      token = answer.header("X-Docker-Token");
      if (token.isEmpty() && family.needsToken()) {
        throw new Failure("Index response didn't contain an access token");
      }
      if (answer.header("X-Docker-Endpoints").isEmpty()) {
        throw new Failure("Index response didn't contain any endpoints");
      }
      followEndpoint(answer);
    }

    private String imageList(List<TestImage> images, Map<String, String> tags) {
      List<String> entries = new ArrayList<>();
      for (TestImage image : images) {
        List<String> own = tagsOf(image, tags);
        if (own.isEmpty()) {
          entries.add("{\"id\":\"%s\"}".formatted(image.id()));
        }
        own.forEach(
            tag -> entries.add("{\"id\":\"%s\",\"Tag\":\"%s\"}".formatted(image.id(), tag)));
      }
      return "[" + String.join(",", entries) + "]";
    }

    private boolean exists(TestImage image) {
      return wire.send("GET", image.path("json"), withToken(Map.of())).status() == 200;
    }

    // Whether the image was sent; not when the registry says, late, that it has it.
    private boolean upload(TestImage image) {
      RawAnswer json =
          wire.send(
              "PUT",
              image.path("json"),
              withToken(Map.of("Content-Type", JSON_TYPE)),
              image.json());
      if (json.status() != 200) {
        if (error(json).equals("Image already exists")) {
          return false;
        }
        throw new Failure(
            "HTTP code %d while uploading metadata: %s".formatted(json.status(), json.text()));
      }
      boolean faulty = image.id().equals(setup.faulty());
      RawAnswer layer =
          wire.sendChunked(
              "PUT",
              image.path("layer"),
              withToken(
                  family.namesLayerType()
                      ? Map.of("Content-Type", "application/octet-stream")
                      : Map.of()),
              image.layer(),
              faulty ? setup.fault() : Fault.NONE);
      if (layer.status() != 200) {
        throw new Failure(
            "Received HTTP code %d while uploading layer: %s"
                .formatted(layer.status(), layer.text()));
      }
      boolean wrong = faulty && setup.fault() == Fault.WRONG_CHECKSUM;
      TestImage summed = wrong ? image.withLayer(NO_BODY) : image;
      RawAnswer checksum =
          wire.send(
              "PUT",
              image.path("checksum"),
              withToken(
                  Map.of(
                      // Not the true tarsum: a registry that gets both believes the other one.
                      "X-Docker-Checksum",
                      "tarsum+" + summed.checksum(),
                      "X-Docker-Checksum-Payload",
                      summed.checksum())),
              NO_BODY);
      if (checksum.status() != 200) {
        throw new Failure(
            "HTTP code %d while uploading checksum: %s"
                .formatted(checksum.status(), error(checksum)));
      }
      return true;
    }

    // Daemons decode the body into a map of strings, and fail when it is none.
    private String error(RawAnswer answer) {
      try {
        JsonNode body = JSON.readTree(answer.text());
        if (body.isObject() && body.valueStream().allMatch(JsonNode::isString)) {
          return body.path("error").asString("");
        }
      } catch (JacksonException e) {
        throw new Failure("%d, and no JSON: %s".formatted(answer.status(), e.getMessage()));
      }
      throw new Failure("%d, and no object of strings: %s".formatted(answer.status(), answer));
    }

    private void tag(String path, TestImage image) {
      RawAnswer answer =
          wire.send(
              "PUT",
              path,
              withToken(Map.of("Content-Type", JSON_TYPE)),
              ('"' + image.id() + '"').getBytes(StandardCharsets.UTF_8));
      if (answer.status() != 200 && answer.status() != 201) {
        throw new Failure(
            "Error: Status %d trying to push tag: %s".formatted(answer.status(), answer.text()));
      }
    }

    private void finish(String path) {
      Map<String, String> own =
          Map.of("Content-Type", JSON_TYPE, "X-Docker-Endpoints", wire.endpoint());
      RawAnswer answer =
          index.send(
              "PUT",
              path,
              isAnonymous() && !family.sendsBasicToIndex()
                  ? withToken(indexHeaders(false, own))
                  : indexHeaders(true, own),
              "[]".getBytes(StandardCharsets.US_ASCII));
      if (answer.status() != 204) {
        throw new Failure(
            "Error: Status %d trying to push checksums: %s"
                .formatted(answer.status(), answer.text()));
      }
    }

    private void openForReading(String path) {
      RawAnswer answer =
          family == DockerFamily.NPM
              ? index.send("GET", path, Map.of("X-Docker-Token", "true"))
              : index.send("GET", path, indexHeaders(!isAnonymous(), Map.of()));
      if (answer.status() == 401) {
        throw new Failure("Authentication is required.");
      }
      if (answer.status() == 404) {
        throw new Failure("Error: image not found");
      }
      if (answer.status() != 200 || !json(answer).isArray()) {
        throw new Failure("HTTP code: " + answer.status());
      }
      token = answer.header("X-Docker-Token");
      if (family.needsEndpointsOnPull() && answer.header("X-Docker-Endpoints").isEmpty()) {
        throw new Failure("Index response didn't contain any endpoints");
      }
      followEndpoint(answer);
    }

    // Hosts in a list, without a scheme; the first one is enough here.
    private void followEndpoint(RawAnswer answer) {
      String first = answer.header("X-Docker-Endpoints").split(",", 2)[0].strip();
      if (first.isEmpty()) {
        return;
      }
      int colon = first.indexOf(':');
      if (!first.substring(0, Math.max(colon, 0)).equals("127.0.0.1")) {
        throw new Failure("no way to " + first);
      }
      wire = wire.at(Integer.parseInt(first.substring(colon + 1)));
    }

    private String lookUp(String path, String tag) {
      if (family.looksUpOneTag()) {
        if (family == DockerFamily.NPM) {
          wire.send("GET", path, withToken(Map.of()));
        }
        RawAnswer answer = wire.send("GET", path + "/" + tag, withToken(Map.of()));
        if (answer.status() == 404) {
          throw new Failure("Tag %s not found".formatted(tag));
        }
        expect(200, answer, "looking up a tag");
        return json(answer).asString();
      }
      RawAnswer answer = wire.send("GET", path, withToken(Map.of()));
      if (answer.status() == 404) {
        throw new Failure("Repository not found");
      }
      expect(200, answer, "listing tags");
      JsonNode tags = json(answer);
      if (!tags.isObject() || !tags.valueStream().allMatch(JsonNode::isString)) {
        throw new Failure("json: cannot unmarshal " + answer.text());
      }
      String id = tags.path(tag).asString("");
      if (id.isEmpty()) {
        throw new Failure("Tag %s not found".formatted(tag));
      }
      return id;
    }

    private List<String> ancestry(String id) {
      RawAnswer answer = wire.send("GET", "/v1/images/" + id + "/ancestry", withToken(Map.of()));
      expect(200, answer, "fetching the ancestry");
      List<String> ids = json(answer).valueStream().map(JsonNode::stringValue).toList();
      if (ids.isEmpty() || !ids.get(0).equals(id)) {
        throw new Failure("the ancestry of %s is %s".formatted(id, ids));
      }
      return ids;
    }

    private Described describe(String id) {
      RawAnswer answer = wire.send("GET", "/v1/images/" + id + "/json", withToken(Map.of()));
      expect(200, answer, "fetching the image json");
      String size = answer.header("X-Docker-Size");
      if (size.isEmpty() && !family.needsSize()) {
        return new Described(id, answer.bytes(), OptionalInt.empty());
      }
      if (!DECIMAL.matcher(size).matches()) {
        throw new Failure("strconv.ParseInt: parsing \"%s\": invalid syntax".formatted(size));
      }
      return new Described(id, answer.bytes(), OptionalInt.of(Integer.parseInt(size)));
    }

    private TestImage layer(Described image) {
      String path = "/v1/images/" + image.id() + "/layer";
      boolean resumable = family.resumes() && image.size().orElse(0) > 0;
      if (family.asksLayerHeadFirst()) {
        RawAnswer head = wire.send("HEAD", path, withToken(Map.of()));
        expect(200, head, "asking for the layer");
        resumable &= head.header("Accept-Ranges").equals("bytes");
      }
      int limit = setup.cut().orElse(Integer.MAX_VALUE);
      RawAnswer answer = wire.send("GET", path, withToken(Map.of()), limit);
      expect(200, answer, "fetching image layer");
      if (!family.asksLayerHeadFirst()) {
        resumable &= answer.header("Accept-Ranges").equals("bytes");
      }
      byte[] layer = answer.bytes();
      boolean isCut = layer.length >= limit;
      if (isCut && !resumable) {
        throw new Failure("unexpected EOF");
      }
      if (isCut) {
        layer = resume(path, layer, image.size().orElseThrow());
      }
      if (family.needsSize() && layer.length > image.size().orElse(0)) {
        throw new Failure("panic: strings: negative Repeat count");
      }
      return new TestImage(image.id(), image.json(), layer);
    }

    // 9.5: the last byte asked for is one past the end.
    private byte[] resume(String path, byte[] got, int size) {
      RawAnswer rest =
          wire.send(
              "GET", path, withToken(Map.of("Range", "bytes=%d-%d".formatted(got.length, size))));
      if (rest.status() == 416 && got.length == size && rest.header("Content-Length").equals("0")) {
        return got;
      }
      expect(206, rest, "resuming: the server doesn't support byte ranges");
      byte[] all = Arrays.copyOf(got, got.length + rest.bytes().length);
      System.arraycopy(rest.bytes(), 0, all, got.length, rest.bytes().length);
      return all.length < size ? resume(path, all, size) : all;
    }

    private JsonNode json(RawAnswer answer) {
      // The npm client looks at the type before it parses.
      if (family == DockerFamily.NPM && !answer.header("Content-Type").equals(JSON_TYPE)) {
        throw new Failure("not JSON by its type: " + answer);
      }
      try {
        return JSON.readTree(answer.text());
      } catch (JacksonException e) {
        throw new Failure("not JSON: " + e.getMessage());
      }
    }

    private void expect(int status, RawAnswer answer, String what) {
      if (answer.status() != status) {
        throw new Failure("HTTP code %d while %s".formatted(answer.status(), what));
      }
    }

    private boolean isAnonymous() {
      return setup.credentials().equals(ANONYMOUS);
    }

    private Map<String, String> indexHeaders(boolean basic, Map<String, String> own) {
      Map<String, String> headers = new TreeMap<>(own);
      headers.put("X-Docker-Token", "true");
      if (basic || !isAnonymous() || showsPasswordAlways()) {
        headers.put("Authorization", basic());
      }
      return headers;
    }

    private String basic() {
      return "Basic " + base64(setup.credentials());
    }

    // 4.7: the empty ones, too, when nobody is logged in.
    private boolean showsPasswordAlways() {
      return wire.isSecure() && standalone && family != DockerFamily.NPM;
    }

    // What the registry gave goes behind the word Token as it is, even when it is nothing.
    private Map<String, String> withToken(Map<String, String> own) {
      Map<String, String> headers = new TreeMap<>(own);
      if (showsPasswordAlways()) {
        headers.put("Authorization", basic());
      } else if (!token.isEmpty() || family.needsToken()) {
        headers.put("Authorization", "Token " + token);
      }
      return headers;
    }
  }
}
