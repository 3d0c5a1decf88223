package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.RegistryApplication;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.web.access.AccessFilters;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Two protocols at one server, each with its own paths, access and errors. */
class ProtocolsHttpTest {
  @TempDir static Path store;

  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    server = RegistryServer.start(WithOther.class, store, "--registry.read-only=true");
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /other/nothing, 404",
    "POST, /other/thing, 405",
    "PUT, /other/thing, 405",
    "GET, /other/refused, 409",
    "GET, /other/guarded, 403",
    "GET, /other/a%2Fb, 400",
    "GET, /other//thing, 400",
  })
  void everyRefusalHasTheFormOfTheProtocol(String method, String path, int status) {
    Answer answer =
        switch (method) {
          case "PUT" -> client.put(path, "");
          case "POST" -> client.post(path, "");
          default -> client.get(path);
        };
    assertThat(answer.text()).startsWith("other " + status + " ");
    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void whatTheServerItselfRefusesHasItToo() throws IOException {
    assertThat(
            RawConnection.exchange(
                server.port(), "GET /other/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .endsWith("other 400 Bad Request");
    assertThat(
            RawConnection.exchange(
                server.port(), "GET /v1/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .endsWith("{\"error\": \"Bad Request\"}");
  }

  @Test
  void pathsAreLeftAsTheyAre() {
    assertThat(client.get("/other/thing").text()).isEqualTo("/other/thing");
    assertThat(client.get("/other/thing/").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"//other/thing", "/%6fther/thing"})
  void aSpellingOfV1LeadsNowhereElse(String path) {
    Answer answer = client.get(path);
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).isEqualTo("{\"error\": \"Not Found\"}");
  }

  @Test
  void whatNobodyElseOwnsIsAnsweredAsV1Does() {
    assertThat(client.get("/nothing").text()).isEqualTo("{\"error\": \"Not Found\"}");
    assertThat(client.get("/v1/_ping/").status()).isEqualTo(200);
  }

  /** The registry with one protocol more. */
  @Import({RegistryApplication.class, Other.class, OtherController.class})
  static class WithOther {

    @Bean
    @Order(5)
    SecurityFilterChain otherChain(HttpSecurity http, AccessFilters filters) {
      return filters.chain(
          http.securityMatcher("/other/**"),
          (method, path) -> {
            if (path.equals("/other/guarded")) {
              throw new RegistryException(Problem.FORBIDDEN, "Access denied");
            }
            return Optional.empty();
          },
          (request, wanted) -> {
            throw new IllegalStateException();
          });
    }
  }

  @RestController
  static class OtherController {

    @GetMapping("/other/thing")
    ResponseEntity<byte[]> get(HttpServletRequest request) {
      return ResponseEntity.ok(request.getRequestURI().getBytes(StandardCharsets.US_ASCII));
    }

    @PutMapping("/other/thing")
    void put() {}

    @GetMapping("/other/refused")
    void refuse() {
      throw new RegistryException(Problem.CONFLICT, "no");
    }
  }

  static class Other implements Protocol {
    @Override
    public boolean owns(String path) {
      return path.startsWith("/other/");
    }

    @Override
    public Optional<WorkKind> kind(String method, String path) {
      return Optional.of(WorkKind.small(method));
    }

    @Override
    public boolean isExistenceTest(HttpServletRequest request) {
      return false;
    }

    @Override
    public Optional<PushStep> pushStep(String method, String path) {
      return Optional.empty();
    }

    @Override
    public List<String> storePaths() {
      return List.of("/other/**");
    }

    @Override
    public Set<String> blobRoutes() {
      return Set.of();
    }

    @Override
    public ResponseEntity<byte[]> answer(RequestFailure failure, HttpServletRequest request) {
      return ResponseEntity.status(failure.status())
          .headers(failure.headers())
          .body(errorBody(failure.status(), failure.text()));
    }

    @Override
    public byte[] errorBody(HttpStatusCode status, String text) {
      return "other %d %s".formatted(status.value(), text).getBytes(StandardCharsets.US_ASCII);
    }
  }
}
