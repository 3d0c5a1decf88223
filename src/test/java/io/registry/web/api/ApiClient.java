package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.registry.testkit.TestClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Uses the API as somebody, and holds each answer against docs/openapi.json. */
public final class ApiClient {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final ObjectNode DOCUMENT = document();
  private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();

  private final TestClient client;
  private final List<String> headers;

  private ApiClient(TestClient client, List<String> headers) {
    this.client = client;
    this.headers = headers;
  }

  /** Somebody who shows no credentials. */
  static ApiClient anonymous(TestClient client) {
    return new ApiClient(client, List.of());
  }

  ApiClient as(String name, String password) {
    return new ApiClient(client, List.of("Authorization", basic(name, password)));
  }

  public static String basic(String name, String password) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  record Answer(int status, String text, TestClient.Answer raw) {

    JsonNode json() {
      return MAPPER.readTree(text);
    }

    String at(String pointer) {
      return json().at(pointer).asString("");
    }

    String error() {
      return at("/error");
    }

    @Override
    public String toString() {
      return status + " " + text;
    }
  }

  Answer get(String path) {
    return send("GET", path, "");
  }

  Answer delete(String path) {
    return send("DELETE", path, "");
  }

  Answer post(String path, String json) {
    return send("POST", path, json);
  }

  Answer put(String path, String json) {
    return send("PUT", path, json);
  }

  Answer patch(String path, String json) {
    return send("PATCH", path, json);
  }

  /** Single quotes are for double quotes. */
  Answer send(String method, String path, String json) {
    return send(method, path, json, "application/json");
  }

  Answer send(String method, String path, String json, String type) {
    List<String> all = new ArrayList<>(headers);
    if (!json.isEmpty()) {
      all.addAll(List.of("Content-Type", type));
    }
    TestClient.Answer answer =
        client.send(
            method,
            path,
            json.isEmpty()
                ? BodyPublishers.noBody()
                : BodyPublishers.ofString(json.replace('\'', '"')),
            all.toArray(String[]::new));
    check(method, path, answer);
    return new Answer(answer.status(), answer.text(), answer);
  }

  private static void check(String method, String path, TestClient.Answer answer) {
    String bare = path.replaceFirst("\\?.*", "");
    DOCUMENT.path("paths").properties().stream()
        .filter(entry -> matches(entry.getKey(), bare))
        .map(Map.Entry::getValue)
        .map(item -> item.path(method.toLowerCase(Locale.ROOT)))
        .filter(operation -> !operation.isMissingNode())
        .findFirst()
        .ifPresent(
            operation -> {
              JsonNode response = operation.path("responses").path(String.valueOf(answer.status()));
              assertThat(response.isMissingNode())
                  .as("%s %s -> %s is not in the document", method, path, answer)
                  .isFalse();
              if (response.has("$ref")) {
                response = DOCUMENT.at(response.path("$ref").asString().substring(1));
              }
              JsonNode schema = response.at("/content/application~1json/schema");
              if (schema.isMissingNode()) {
                assertThat(answer.text()).isEmpty();
              } else {
                validate(schema, answer);
              }
            });
  }

  private static void validate(JsonNode schema, TestClient.Answer answer) {
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(
            SCHEMAS
                .computeIfAbsent(schema.path("$ref").asString(), ApiClient::schema)
                .validate(answer.text(), InputFormat.JSON))
        .as("%s", answer)
        .isEmpty();
  }

  private static Schema schema(String reference) {
    ObjectNode whole = MAPPER.createObjectNode();
    whole.set("components", DOCUMENT.path("components"));
    whole.put("$ref", reference);
    return SchemaRegistry.withDialect(Dialects.getDraft202012())
        .getSchema(SchemaLocation.of("classpath:openapi/"), whole.toString(), InputFormat.JSON);
  }

  private static boolean matches(String template, String path) {
    return Pattern.matches(template.replaceAll("\\{[a-z]+}", "[^/]+"), path);
  }

  private static ObjectNode document() {
    try {
      return (ObjectNode) MAPPER.readTree(Files.readString(Path.of("docs/openapi.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
