package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Accounts as somebody has them who has set the mode and nothing else. */
class FirstMinutesHttpTest {
  @TempDir private static Path folder;
  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder,
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=correct horse",
            "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("index")));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:49153", "127.0.0.1:49153", "[::1]:49153", "localhost"})
  void aPushToThisMachineIsTakenAtAnyPublishedPort(String host) throws IOException {
    assertThat(push(host))
        .startsWith("HTTP/1.1 200")
        .contains("X-Docker-Endpoints: " + host)
        .contains("X-Docker-Token: ");
  }

  @Test
  void aRefusalNamesTheSettingAndTheValue() throws IOException {
    assertThat(push("registry.example:5000"))
        .startsWith("HTTP/1.1 400")
        .contains("set registry.allowed-hosts=registry.example, or add it there")
        .doesNotContain("X-Docker-Token");
  }

  @Test
  void aRepositoryThatIsMadePublicIsReadWithoutAnAccount() throws IOException {
    assertThat(push("localhost:5000")).startsWith("HTTP/1.1 200");
    assertThat(server.client().get("/v1/repositories/admin/app/images").status()).isEqualTo(401);

    server.bean(RepositoryVisibility.class).setPrivate(new RepositoryName("admin", "app"), false);

    assertThat(server.client().get("/v1/repositories/admin/app/images").status()).isEqualTo(200);
    server.bean(RepositoryVisibility.class).setPrivate(new RepositoryName("admin", "app"), true);
  }

  private static String push(String host) throws IOException {
    String basic =
        Base64.getEncoder().encodeToString("admin:correct horse".getBytes(StandardCharsets.UTF_8));
    return RawConnection.exchange(
        server.port(),
        "PUT /v1/repositories/admin/app/ HTTP/1.1\r\nHost: "
            + host
            + "\r\nAuthorization: Basic "
            + basic
            + "\r\nX-Docker-Token: true\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]");
  }
}
