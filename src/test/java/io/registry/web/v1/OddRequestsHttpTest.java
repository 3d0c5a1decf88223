package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestDatabase;
import io.registry.web.api.ApiClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Requests that only a client can be wrong about are no failures of the registry. */
@ExtendWith(OutputCaptureExtension.class)
class OddRequestsHttpTest {
  private static final String ADMIN =
      "Authorization: " + ApiClient.basic("admin", "battery staple");

  @TempDir static Path folder;

  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=battery staple",
            "--registry.search.enabled=true",
            "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("database")));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 100})
  void languagesOfNoUseAreIgnored(int count, CapturedOutput output) throws IOException {
    String many =
        IntStream.range(0, count)
            .mapToObj(i -> "l%c%c;q=0.5".formatted('a' + i / 26 % 26, 'a' + i % 26))
            .collect(Collectors.joining(", "));
    for (String path : new String[] {"/v1/_ping", "/v1/users/", "/v2/", "/actuator/health", "/x"}) {
      assertThat(ask("GET", path, "Accept-Language: " + many))
          .as(path)
          .doesNotStartWith("HTTP/1.1 5");
    }
    assertThat(output.getAll()).doesNotContain("\tat ");
  }

  @Test
  void aTypeOfNoFormIsNoFailure(CapturedOutput output) throws IOException {
    String id = "a".repeat(64);
    for (String method : new String[] {"GET", "PUT", "POST", "DELETE", "PATCH"}) {
      for (String path :
          new String[] {
            "/v1/_ping",
            "/v1/users/",
            "/v1/search?q=x",
            "/v1/images/" + id + "/json",
            "/v1/images/" + id + "/layer",
            "/v1/images/" + id + "/checksum",
            "/v1/repositories/admin/app/",
            "/v1/repositories/admin/app/tags/x",
            "/v1/repositories/admin/app/images",
            "/v2/token",
            "/v2/admin/app/manifests/x",
            "/api/users",
            "/api/users/admin",
            "/api/users/admin/password",
            "/api/namespaces/admin",
            "/actuator/metrics",
            "/actuator/health",
            "/error",
            "/x"
          }) {
        assertThat(ask(method, path, ADMIN + "\r\nContent-Type: *\r\nContent-Length: 2\r\n\r\n{}"))
            .as(method + " " + path)
            .startsWith("HTTP/1.1 ")
            .doesNotStartWith("HTTP/1.1 5");
      }
    }
    assertThat(output.getAll()).doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/search?q=%",
        "/v1/search?q=%zz",
        "/v1/search?n=%f",
        "/v2/_catalog?n=%",
        "/v2/token?scope=%",
        "/api/users?after=%"
      })
  void aQueryThatIsNotEncodedIsABadRequest(String path, CapturedOutput output) throws IOException {
    assertThat(ask("GET", path, ADMIN)).startsWith("HTTP/1.1 4");
    assertThat(output.getAll()).doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator/health/../metrics",
        "/actuator/health/%2e%2e/metrics",
        "/actuator//metrics",
        "/actuator/health;x=y",
        "/actuator/health/%00"
      })
  void aPathWithDetoursIsABadRequest(String path, CapturedOutput output) throws IOException {
    assertThat(ask("GET", path, ADMIN)).startsWith("HTTP/1.1 4");
    assertThat(output.getAll()).doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator",
        "/actuator/",
        "/actuator/info",
        "/actuator/metrics",
        "/actuator/prometheus"
      })
  void whatIsNotToldIsNotToldByItsHeadEither(String path) throws IOException {
    String get = status(ask("GET", path, "Accept: */*"));
    assertThat(status(ask("HEAD", path, "Accept: */*"))).isEqualTo(get);
    assertThat(get).isIn("401", "404");
    assertThat(status(ask("OPTIONS", path, "Accept: */*"))).isNotEqualTo("500");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET /v1/_ping\r\n", "GET /v1/_ping\r\n\r\n", "GET /actuator/health\n", "GET /\n"})
  void aRequestWithoutAVersionIsNotAnswered(String request) throws IOException {
    assertThat(RawConnection.exchange(server.port(), request))
        .satisfiesAnyOf(
            answer -> assertThat(answer).isEmpty(),
            answer -> assertThat(answer).startsWith("HTTP/1.1 4"));
  }

  private static String status(String answer) {
    return answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3);
  }

  private static String ask(String method, String path, String headers) throws IOException {
    return RawConnection.exchange(
        server.port(),
        method
            + " "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            + headers
            + "\r\n\r\n");
  }
}
