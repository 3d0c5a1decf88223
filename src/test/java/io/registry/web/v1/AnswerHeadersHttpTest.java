package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What caches and browsers are told, in each mode: images of somebody are not for everybody. */
class AnswerHeadersHttpTest {
  private static final String REPOSITORY = "admin/headers";
  private static final String YEAR = ", max-age=31536000";
  private static final String[] ADMIN = {
    "Authorization",
    "Basic "
        + Base64.getEncoder()
            .encodeToString("admin:battery staple".getBytes(StandardCharsets.UTF_8))
  };

  private final TestImage image = TestImage.base("headers", "layer".repeat(100_000));

  @TempDir private Path store;

  @Test
  void withoutAnIndexImagesAreForEverybodysCaches() {
    try (RegistryServer server = RegistryServer.start(store)) {
      check(server.client(), "public" + YEAR);
    }
  }

  @Test
  void withAccountsImagesAreForNoSharedCache() {
    try (RegistryServer server = embedded()) {
      check(server.client(), "private" + YEAR, ADMIN);
      // Neither are those that everybody may have today.
      server.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse(REPOSITORY), false);
      for (String part : List.of("json", "layer", "ancestry")) {
        Answer anonymous = server.client().get(image.path(part));
        assertThat(anonymous.status()).isEqualTo(200);
        assertThat(anonymous.header("Cache-Control")).isEqualTo("private" + YEAR);
      }
    }
  }

  @Test
  void withAnIndexElsewhereImagesAreForNoSharedCache() {
    try (FakeIndex index = FakeIndex.start();
        RegistryServer server =
            RegistryServer.start(
                store,
                "--registry.index.mode=remote",
                "--registry.index.remote.endpoint=" + index.endpoint())) {
      index.list(REPOSITORY, image.id());
      check(server.client(), "private" + YEAR, "Authorization", index.issue(REPOSITORY, "write"));
    }
  }

  @Test
  void nginxIsToldTheSameOfALayerThatItSends() {
    try (RegistryServer server = embedded("--registry.storage.local.accel-redirect=/blobs")) {
      push(server.client(), ADMIN);
      Answer layer = server.client().get(image.path("layer"), ADMIN);
      assertThat(layer.header("X-Accel-Redirect")).startsWith("/blobs");
      assertThat(layer.header("Cache-Control")).isEqualTo("private" + YEAR);
      assertThat(server.client().get(image.path("layer")).headers("X-Accel-Redirect")).isEmpty();
    }
  }

  @Test
  void aStrangerIsNotToldThatNothingChanged() {
    try (RegistryServer server = embedded()) {
      push(server.client(), ADMIN);
      for (String part : List.of("json", "layer", "ancestry")) {
        String etag = server.client().get(image.path(part), ADMIN).header("ETag");
        for (String[] condition :
            List.of(
                new String[] {"If-None-Match", etag},
                new String[] {"If-None-Match", "*"},
                new String[] {"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"})) {
          assertThat(server.client().get(image.path(part), condition).status()).isEqualTo(401);
          assertThat(server.client().head(image.path(part), condition).status()).isEqualTo(401);
          assertThat(server.client().get(image.path(part), with(ADMIN, condition)).status())
              .isEqualTo(304);
        }
      }
    }
  }

  private RegistryServer embedded(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--registry.index.mode=embedded",
                "--registry.index.admin.password=battery staple",
                "--registry.auth.anonymous-read=true",
                "--spring.datasource.url=jdbc:h2:mem:headers;MODE=PostgreSQL"));
    arguments.addAll(List.of(more));
    return RegistryServer.start(store, arguments.toArray(String[]::new));
  }

  private void push(TestClient client, String... credentials) {
    String path = "/v1/repositories/" + REPOSITORY;
    Answer created =
        client.put(path + "/", "[{\"id\": \"%s\"}]".formatted(image.id()), credentials);
    assertThat(created.status()).isIn(200, 405);
    assertThat(image.putJson(client, credentials).status()).isEqualTo(200);
    assertThat(image.putLayer(client, credentials).status()).isEqualTo(200);
    assertThat(image.putChecksum(client, credentials).status()).isEqualTo(200);
    assertThat(client.put(path + "/tags/v1", '"' + image.id() + '"', credentials).status())
        .isEqualTo(200);
  }

  private void check(TestClient client, String cacheControl, String... credentials) {
    push(client, credentials);
    for (String part : List.of("json", "layer", "ancestry")) {
      Answer answer = client.get(image.path(part), credentials);
      assertThat(answer.header("Cache-Control")).as(part).isEqualTo(cacheControl);
      Answer unchanged =
          client.get(image.path(part), with(credentials, "If-None-Match", answer.header("ETag")));
      assertThat(unchanged.status()).isEqualTo(304);
      assertThat(unchanged.header("Cache-Control")).isEqualTo(cacheControl);
      assertThat(client.head(image.path(part), credentials).header("Cache-Control"))
          .isEqualTo(cacheControl);
    }
    Answer range = client.get(image.path("layer"), with(credentials, "Range", "bytes=10-99999"));
    assertThat(range.status()).isEqualTo(206);
    assertThat(range.header("Cache-Control")).isEqualTo(cacheControl);
    Answer past = client.get(image.path("layer"), with(credentials, "Range", "bytes=9999999-"));
    assertThat(past.status()).isEqualTo(416);
    assertThat(past.header("Cache-Control")).isEqualTo("no-cache");

    everything(client, credentials)
        .forEach(
            (request, answer) -> {
              assertThat(answer.headers("Set-Cookie")).as(request).isEmpty();
              assertThat(answer.header("X-Content-Type-Options")).as(request).isEqualTo("nosniff");
              assertThat(answer.header("X-Frame-Options")).as(request).isEqualTo("DENY");
              // Daemons add nothing up that they get twice, but fail on what they do not expect.
              assertThat(answer.headers("Cache-Control")).as(request).hasSizeLessThan(2);
              if (answer.status() >= 400) {
                assertThat(answer.header("Cache-Control")).as(request).isEqualTo("no-cache");
              }
            });
  }

  private Map<String, Answer> everything(TestClient client, String... credentials) {
    String path = "/v1/repositories/" + REPOSITORY;
    Map<String, Answer> answers = new LinkedHashMap<>();
    for (String get :
        List.of(
            "/",
            "/_ping",
            "/v1/_ping",
            "/v2/",
            "/nothing",
            "/v1/users/",
            path + "/images",
            path + "/tags",
            path + "/tags/v1",
            path + "/tags/none",
            image.path("json"),
            image.path("layer"),
            image.path("ancestry"))) {
      answers.put("GET " + get, client.get(get, credentials));
      answers.put("GET by a stranger " + get, client.get(get));
      answers.put("HEAD " + get, client.head(get, credentials));
    }
    answers.put("PUT", client.put(path + "/", "no JSON", credentials));
    answers.put("POST", client.post("/v1/users/", "{}"));
    return answers;
  }

  private static String[] with(String[] headers, String... more) {
    return Stream.concat(Stream.of(headers), Stream.of(more)).toArray(String[]::new);
  }
}
