package io.registry.storage.gcs;

import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import io.registry.testkit.FakeGcs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/**
 * The driver against an emulator that others have written, where there is a Docker. It differs from
 * the service: the 404 of a download is a text, and that of another request has no reason and is
 * the same for an object and for a bucket; a size of 0 is omitted; a download has no
 * x-goog-stored-content-length. {@link FakeGcs.Dialect#TERSE} does the same.
 */
@Testcontainers(disabledWithoutDocker = true)
class GcsContainerTest extends BlobStorageContract {
  private static final int PORT = 4443;

  @Container
  private static final GenericContainer<?> EMULATOR =
      new GenericContainer<>(DockerImageName.parse("fsouza/fake-gcs-server:1.55.1"))
          .withExposedPorts(PORT)
          .withCreateContainerCmdModifier(
              command ->
                  command.withEntrypoint(
                      "/bin/fake-gcs-server", "-scheme", "http", "-backend", "memory"));

  private static int stores;

  private GcsBlobStorage storage;

  @BeforeEach
  void connect() throws IOException, InterruptedException {
    String endpoint = "http://" + EMULATOR.getHost() + ":" + EMULATOR.getMappedPort(PORT);
    // The upload sessions that it hands out are to be reached from here.
    send("PUT", endpoint + "/_internal/config", "{\"externalUrl\":\"" + endpoint + "\"}");
    send("POST", endpoint + "/storage/v1/b", "{\"name\":\"" + FakeGcs.BUCKET + "\"}");
    storage =
        GcsBlobStorage.connect(
            GcsSettings.of(endpoint, "store-" + ++stores), GcsSettings.withoutRedirect());
  }

  @AfterEach
  void disconnect() {
    storage.close();
  }

  @Override
  protected BlobStorage storage() {
    return storage;
  }

  private static void send(String method, String url, String json)
      throws IOException, InterruptedException {
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(json))
                .build(),
            HttpResponse.BodyHandlers.discarding());
  }
}
