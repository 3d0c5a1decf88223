package io.registry.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers that the system sends, while nobody in the process waits for the client. */
class SendfileHttpTest {
  /** More than the buffers of a connection take. */
  private static final int LARGE = 32 << 20;

  @TempDir private static Path store;

  private static RegistryServer server;
  private static TestImage large;
  private static TestImage middling;

  @BeforeAll
  static void start() {
    server = RegistryServer.start(store);
    large = TestImage.of("large", "", random(LARGE)).push(server.client());
    middling = TestImage.of("middling", "", random(100_000)).push(server.client());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aClientThatReadsSlowlyHoldsNothingOfItsRequest() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(get(large));
      assertThat(connection.readHead()).startsWith("HTTP/1.1 200");

      await()
          .untilAsserted(
              () ->
                  assertThat(sending())
                      .singleElement()
                      .satisfies(socket -> assertThat(socket.getCurrentProcessor()).isNull()));

      assertThat(connection.in().readNBytes(LARGE)).isEqualTo(large.layer());
      connection.send(get(middling));
      assertThat(connection.readHead()).as("the next request").startsWith("HTTP/1.1 200");
      assertThat(connection.in().readNBytes(middling.layer().length)).isEqualTo(middling.layer());
    }
  }

  @Test
  void requestsThatCameTogetherAreAllAnswered() throws IOException {
    List<TestImage> asked = List.of(middling, large, middling, middling, large, middling);
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(String.join("", asked.stream().map(SendfileHttpTest::get).toList()));

      for (TestImage image : asked) {
        assertThat(connection.readHead()).startsWith("HTTP/1.1 200");
        assertThat(connection.in().readNBytes(image.layer().length)).isEqualTo(image.layer());
      }
    }
  }

  @Test
  void aClientThatLeavesLeavesNothing() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(get(large));
      assertThat(connection.readHead()).startsWith("HTTP/1.1 200");
    }

    await().untilAsserted(() -> assertThat(sending()).isEmpty());
  }

  private static List<NioSocketWrapper> sending() {
    return server.bean(Connectors.class).protocols().stream()
        .flatMap(protocol -> protocol.connections().stream())
        .map(NioSocketWrapper.class::cast)
        .filter(socket -> socket.getSendfileData() != null)
        .toList();
  }

  private static String get(TestImage image) {
    return "GET " + image.path("layer") + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
