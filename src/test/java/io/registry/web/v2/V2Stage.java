package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What tests of V2 do at a registry: push over V1, get tokens, and read answers. */
final class V2Stage {
  static final String PASSWORD = "correct horse";

  private static final JsonMapper JSON = new JsonMapper();

  private V2Stage() {}

  /** The arguments of a registry with accounts, of which the admin has {@link #PASSWORD}. */
  static List<String> accounts(String database, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--registry.index.mode=embedded",
                "--registry.index.admin.password=" + PASSWORD,
                "--spring.datasource.url=jdbc:h2:mem:"
                    + database
                    + ";MODE=PostgreSQL;DB_CLOSE_DELAY=-1"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  static String[] basic(String name, String password) {
    byte[] credentials = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new String[] {
      "Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials)
    };
  }

  static String[] bearer(String token) {
    return new String[] {"Authorization", "Bearer " + token};
  }

  /** Pushes an image of three layers over V1, and tags it {@code v1}. */
  static List<TestImage> push(RegistryServer server, String repository, String... credentials) {
    List<TestImage> images = DockerImages.chain(DockerFamily.DOCKER_1_9, "image of " + repository);
    TestClient client = server.client();
    String list =
        images.stream()
            .map(image -> "{\"id\": \"%s\"}".formatted(image.id()))
            .collect(Collectors.joining(",", "[", "]"));
    ok(client.put("/v1/repositories/" + repository + "/", list, credentials));
    push(server, repository, images, credentials);
    return images;
  }

  /** Pushes images that are listed already. */
  static void push(
      RegistryServer server, String repository, List<TestImage> images, String... credentials) {
    TestClient client = server.client();
    for (TestImage image : images) {
      ok(image.putJson(client, credentials));
      ok(image.putLayer(client, credentials));
      ok(image.putChecksum(client, credentials));
    }
    String top = '"' + images.get(images.size() - 1).id() + '"';
    ok(client.put("/v1/repositories/" + repository + "/tags/v1", top, credentials));
  }

  static void setVisibility(
      RegistryServer server, String repository, String visibility, String... credentials) {
    ok(
        server
            .client()
            .put(
                "/v1/repositories/" + repository + "/properties",
                "{\"access\": \"" + visibility + "\"}",
                credentials));
  }

  private static void ok(TestClient.Answer answer) {
    assertThat(answer.status()).as(answer.text()).isBetween(200, 299);
  }

  /** Asks for a token. */
  static TestClient.Answer askToken(TestClient client, String[] credentials, String... scopes) {
    String query =
        Stream.of(scopes)
            .map(scope -> "&scope=" + URLEncoder.encode(scope, StandardCharsets.UTF_8))
            .collect(Collectors.joining());
    return client.get("/v2/token?service=registry&client_id=test" + query, credentials);
  }

  /** Gets a token. */
  static String token(TestClient client, String[] credentials, String... scopes) {
    TestClient.Answer answer = askToken(client, credentials, scopes);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return json(answer).path("token").asString();
  }

  /** What a bearer token contains, as {@code ACCESS NAMESPACE/NAME}, but the proof of the login. */
  static List<String> rights(String token) {
    return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceFirst(".*repository=\"([^\"]*)\",access=(\\w+)$", "$2 $1"))
        .filter(right -> !right.equals("read library/_sign-in"))
        .toList();
  }

  static JsonNode json(TestClient.Answer answer) {
    return JSON.readTree(answer.text());
  }

  /** The code of the error that an answer tells, which has the form of V2. */
  static String code(TestClient.Answer answer) {
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    JsonNode error = json(answer).path("errors").path(0);
    assertThat(error.path("message").asString()).isNotEmpty();
    return error.path("code").asString();
  }

  static List<String> names(TestClient.Answer answer, String member) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return json(answer).path(member).valueStream().map(JsonNode::asString).toList();
  }
}
