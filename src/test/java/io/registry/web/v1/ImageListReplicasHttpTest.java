package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.json.JsonCodec;
import io.registry.testkit.Budget;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.S3Bucket;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes on one store: an image that either of them has acknowledged is in the list. */
@Tag("external")
@Tag("slow")
class ImageListReplicasHttpTest {
  private static final int ROUNDS = Budget.times(3);
  private static final int KILLS = Budget.times(1);
  private static final int CLIENTS = 16;
  private static final String REPOSITORY = "/v1/repositories/many/hands/";
  private static final String IMAGES = REPOSITORY + "images";

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

  @TempDir Path folder;

  @Test
  void whatIsAddedThroughTwoProcessesOnADirectoryIsInTheList() throws Exception {
    addThroughTwo("--registry.storage.local.path=" + folder);

    Path list = folder.resolve("repositories/many/hands/_index_images");
    assertThat(ids(Files.readAllBytes(list)))
        .as("the file that the original reads")
        .containsExactlyInAnyOrderElementsOf(acknowledged);
  }

  @Test
  void whatIsAddedThroughTwoProcessesOnABucketIsInTheList() throws Exception {
    try (S3Bucket bucket = new S3Bucket()) {
      addThroughTwo(bucket.arguments().toArray(String[]::new));
    }
  }

  @Test
  void whatIsAddedIsInTheListAfterTheProcessIsKilled() throws Exception {
    String store = "--registry.storage.local.path=" + folder;
    for (int round = 0; round < KILLS; round++) {
      try (RegistryProcess registry = RegistryProcess.startWith(store)) {
        assertListed(registry.client());
        addUntilKilled(registry, round);
      }
    }
    try (RegistryProcess registry = RegistryProcess.startWith(store)) {
      assertListed(registry.client());
      assertThat(registry.client().delete(REPOSITORY).status()).isEqualTo(200);
      assertThat(folder.resolve("repositories")).doesNotExist();
    }
  }

  private void addThroughTwo(String... store) throws Exception {
    try (RegistryProcess one = RegistryProcess.startWith(store);
        RegistryProcess other = RegistryProcess.startWith(store)) {
      for (int round = 0; round < ROUNDS; round++) {
        int number = round;
        List<Together.Task> tasks = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
          TestClient through = (client % 2 == 0 ? one : other).client();
          String name = number + "-" + client;
          tasks.add(() -> add(through, name));
        }
        Together.run(tasks);
        for (RegistryProcess each : List.of(one, other)) {
          assertListed(each.client());
        }
      }
      assertThat(acknowledged).hasSize(ROUNDS * CLIENTS);
    }
  }

  private void addUntilKilled(RegistryProcess registry, int round) throws Exception {
    AtomicInteger added = new AtomicInteger();
    Together.run(
        IntStream.range(0, 4)
            .<Together.Task>mapToObj(
                client ->
                    () -> {
                      try {
                        while (true) {
                          int number = added.incrementAndGet();
                          add(registry.client(), "killed-%d-%d".formatted(round, number));
                          if (number == 10 + round) {
                            registry.kill();
                          }
                        }
                      } catch (UncheckedIOException e) {
                        // Killed: the client never learns what became of the last request.
                        return;
                      }
                    })
            .toList());
    registry.awaitEnd();
  }

  private void add(TestClient client, String name) {
    String id = TestImage.id(name);
    Answer answer = client.put(IMAGES, "[{\"id\": \"%s\"}]".formatted(id));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(204);
    acknowledged.add(id);
  }

  private void assertListed(TestClient client) {
    if (!acknowledged.isEmpty()) {
      Answer answer = client.get(IMAGES);
      assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
      assertThat(ids(answer.bytes())).containsAll(acknowledged).doesNotHaveDuplicates();
    }
  }

  private static List<String> ids(byte[] list) {
    List<String> ids = new ArrayList<>();
    new JsonCodec()
        .parse(list)
        .orElseThrow(() -> new AssertionError(new String(list, StandardCharsets.UTF_8)))
        .forEach(image -> ids.add(image.get("id").stringValue()));
    return ids;
  }
}
