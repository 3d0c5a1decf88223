package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.ObservedRegistry;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is believed of what a proxy says, with and without the setting. */
class ForwardedHttpTest {
  private static final String PORT = "X-Forwarded-Port: 8443\r\n";
  private static final String FORWARDED =
      String.join(
          "\r\n",
          "X-Forwarded-For: 203.0.113.9",
          "X-Forwarded-Proto: https",
          "X-Forwarded-Host: front.example",
          PORT);

  @TempDir Path store;

  @Test
  void nobodyIsBelievedWithoutTheSettingAndNothingIsWrittenForAHostThatIsRefused()
      throws IOException {
    try (RegistryServer server =
        RegistryServer.start(
            ObservedRegistry.class, store, "--registry.allowed-hosts=here.example")) {
      assertThat(put(server, "evil.example", FORWARDED.replace("front", "here")))
          .startsWith("HTTP/1.1 400")
          .contains("This registry is not to be reached as evil.example")
          .doesNotContain("X-Docker-Token");
      assertThat(server.client().get("/v1/repositories/team/app/images").status()).isEqualTo(404);
      assertThat(
              server.client().put("/v1/repositories/team/app/", "[]").header("X-Docker-Endpoints"))
          .as("its own address")
          .isEqualTo("127.0.0.1:" + server.port());

      assertThat(put(server, "here.example:5000", FORWARDED))
          .startsWith("HTTP/1.1 200")
          .contains("\r\nX-Docker-Endpoints: here.example:5000\r\n")
          .contains("\r\nTest-Client: 127.0.0.1\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "framework"})
  void theProxyIsBelievedWithTheSettingWhenTheHostIsAllowed(String strategy) throws IOException {
    try (RegistryServer server =
        RegistryServer.start(
            ObservedRegistry.class,
            store,
            "--server.forward-headers-strategy=" + strategy,
            "--registry.allowed-hosts=front.example,*.inner.example")) {
      assertThat(put(server, "registry-1", FORWARDED))
          .startsWith("HTTP/1.1 200")
          .contains("\r\nX-Docker-Endpoints: front.example:8443\r\n")
          .contains("\r\nTest-Client: 203.0.113.9\r\n");
      assertThat(put(server, "registry-1", FORWARDED.replace(PORT, "")))
          .contains("\r\nX-Docker-Endpoints: front.example\r\n");
      assertThat(put(server, "front.example:5001", "X-Forwarded-Proto: https\r\n"))
          .as("a proxy that passes the host on, with its port")
          .contains("\r\nX-Docker-Endpoints: front.example:5001\r\n");
      assertThat(put(server, "one.inner.example", ""))
          .contains("\r\nX-Docker-Endpoints: one.inner.example\r\n");

      for (String evil :
          new String[] {"evil.example", "front.example.evil.example", "a, b", "x/y"}) {
        assertThat(put(server, "front.example", FORWARDED.replace("front.example", evil)))
            .doesNotContain("X-Docker-Endpoints: " + evil)
            .doesNotContain("X-Docker-Endpoints: b");
      }
      assertThat(put(server, "evil.example", "")).startsWith("HTTP/1.1 400");
    }
  }

  private static String put(RegistryServer server, String host, String headers) throws IOException {
    return RawConnection.exchange(
        server.port(),
        "PUT /v1/repositories/team/app/ HTTP/1.1\r\nHost: %s\r\n%sContent-Length: 2\r\nConnection: close\r\n\r\n[]"
            .formatted(host, headers));
  }
}
