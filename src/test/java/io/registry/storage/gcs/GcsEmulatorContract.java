package io.registry.storage.gcs;

import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import io.registry.testkit.FakeGcs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract against an emulator that others have written: each test has a folder of its own. */
abstract class GcsEmulatorContract extends BlobStorageContract {
  private GcsBlobStorage storage;

  /** The URL of the emulator, without a slash at the end. */
  protected abstract String endpoint();

  @BeforeEach
  void connect() throws IOException, InterruptedException {
    // The upload sessions that fake-gcs-server hands out are to be reached from here.
    send("PUT", "/_internal/config", "{\"externalUrl\":\"" + endpoint() + "\"}");
    send("POST", "/storage/v1/b?project=tests", "{\"name\":\"" + FakeGcs.BUCKET + "\"}");
    storage =
        GcsBlobStorage.connect(
            GcsSettings.of(endpoint(), UUID.randomUUID().toString()),
            GcsSettings.withoutRedirect());
  }

  @AfterEach
  void disconnect() {
    storage.close();
  }

  @Override
  protected BlobStorage storage() {
    return storage;
  }

  // The answer does not matter: the bucket may be there, and another emulator has no such setting.
  private void send(String method, String path, String json)
      throws IOException, InterruptedException {
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(endpoint() + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(json))
                .build(),
            HttpResponse.BodyHandlers.discarding());
  }
}
