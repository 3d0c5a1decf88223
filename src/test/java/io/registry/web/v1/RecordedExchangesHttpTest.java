package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Replays what was once said to the original registry, in one go and in its order: each answer is
 * the original's, or is listed in {@code differences.json} with the reason why it is another one.
 */
class RecordedExchangesHttpTest {
  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void eachAnswerIsTheOriginalsOrADeliberateDifference(@TempDir Path store) throws IOException {
    Map<String, JsonNode> differences = new HashMap<>();
    read("differences.json").forEach(node -> differences.put(node.get("name").asString(), node));
    List<String> surprises = new ArrayList<>();
    int replayed = 0;
    // The original had no V2.
    try (RegistryServer server = RegistryServer.start(store, "--registry.v2.enabled=false")) {
      for (JsonNode exchange : read("exchanges.json")) {
        String name = exchange.get("name").asString();
        Answer answer =
            Answer.parse(RawConnection.exchange(server.port(), exchange.get("request").asString()));
        JsonNode difference = differences.remove(name);
        JsonNode expected = difference == null ? exchange : difference;
        if (!answer.isAsExpected(expected)) {
          surprises.add("%s: %s instead of %s".formatted(name, answer, expected));
        }
        replayed++;
      }
    }
    assertThat(surprises).isEmpty();
    assertThat(differences).as("differences that no exchange is about").isEmpty();
    assertThat(replayed).isGreaterThan(700);
  }

  private static JsonNode read(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            RecordedExchangesHttpTest.class.getResourceAsStream("/original/" + resource))) {
      return JSON.readTree(in);
    }
  }

  private record Answer(int status, Map<String, String> headers, String body) {

    static Answer parse(String raw) {
      int end = raw.indexOf("\r\n\r\n");
      if (end < 0) {
        return new Answer(0, Map.of(), raw);
      }
      String[] lines = raw.substring(0, end).split("\r\n", -1);
      Map<String, String> headers = new HashMap<>();
      for (int i = 1; i < lines.length; i++) {
        String[] header = lines[i].split(": ", 2);
        headers.putIfAbsent(header[0].toLowerCase(Locale.ROOT), header.length > 1 ? header[1] : "");
      }
      String body =
          new String(
              raw.substring(end + 4).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      return new Answer(Integer.parseInt(lines[0].split(" ", -1)[1]), headers, body);
    }

    boolean isAsExpected(JsonNode expected) {
      return status == expected.get("status").asInt()
          && isNeverHtml()
          && (!expected.has("body")
              || timeless(body).equals(timeless(expected.get("body").asString())))
          && (!expected.has("headers")
              || expected.get("headers").properties().stream()
                  .allMatch(
                      header ->
                          header
                              .getValue()
                              .asString()
                              .equals(headers.get(header.getKey().toLowerCase(Locale.ROOT)))));
    }

    private boolean isNeverHtml() {
      return !headers.getOrDefault("content-type", "").contains("html");
    }

    private static String timeless(String text) {
      return text.strip().replaceAll("\"last_update\": \\d+", "\"last_update\": 0");
    }
  }
}
