package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.RegistryProcess;
import io.registry.testkit.SystemCalls;
import io.registry.testkit.SystemCalls.Call;
import io.registry.testkit.SystemCalls.Moment;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** How often a push waits for the disk, as strace sees it. */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
class PushFlushesTest {
  private static final String LAYER = "what is in the layer";

  /** What each request flushed, in the order of the requests. */
  private final List<List<String>> flushes = new ArrayList<>();

  private final List<String> requests = new ArrayList<>();

  @BeforeAll
  void tracePushes(@TempDir Path directory) throws Exception {
    assumeTrue(SystemCalls.canBeTraced(), "strace is missing, or may not trace");
    Path store = directory.resolve("store");
    Path trace = directory.resolve("trace");
    try (RegistryProcess registry =
        RegistryProcess.startTraced(trace, "--registry.storage.local.path=" + store)) {
      TestClient client = registry.client();
      push(client, "first", "one/first", "v1");
      push(client, "second", "one/second", "v1");
      push(client, "third", "two/third", "latest");
    }
    count(SystemCalls.read(trace), store);
    for (int i = 0; i < requests.size(); i++) {
      System.out.println(
          requests.get(i) + ": " + flushes.get(i).size() + " flushes " + flushes.get(i));
    }
  }

  private void push(TestClient client, String name, String repository, String tag) {
    TestImage image = TestImage.base(name, LAYER);
    String path = "/v1/repositories/" + repository;
    String id = '"' + image.id() + '"';
    request(name + " begin", client.put(path + "/", "[{\"id\": " + id + "}]"));
    request(name + " json", image.putJson(client));
    request(name + " layer", image.putLayer(client));
    request(name + " checksum", image.putChecksum(client));
    request(name + " tag", client.put(path + "/tags/" + tag, id));
    request(name + " end", client.put(path + "/images", "[]"));
  }

  private void request(String name, Answer answer) {
    assertThat(answer.status()).as(name + ": " + answer).isBetween(200, 204);
    requests.add(name);
  }

  // An answer is written after all that it waits for.
  private void count(List<Call> calls, Path store) {
    List<String> current = new ArrayList<>();
    for (Call call : calls) {
      if (call.answer() != 0) {
        flushes.add(current);
        current = new ArrayList<>();
      } else if (call.isFlush() && call.moment() == Moment.END) {
        current.add(store.relativize(call.file()).toString());
      }
    }
    assertThat(flushes).hasSameSizeAs(requests);
  }

  @Test
  void anImageIsFlushedSevenTimesAtMost() {
    assertThat(flushes("second json", "second layer", "second checksum"))
        .contains("images")
        .hasSizeLessThanOrEqualTo(7);
    assertThat(flushes("third json", "third layer", "third checksum"))
        .contains("images")
        .hasSizeLessThanOrEqualTo(7);
  }

  @Test
  void aTagIsFlushedThreeTimesAtMost() {
    assertThat(flushes("second tag"))
        .contains("repositories/one/second")
        .hasSizeLessThanOrEqualTo(3);
    assertThat(flushes("third tag")).contains("repositories/two/third").hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void aPushOfAnImageIntoANewRepositoryIsFlushedFifteenTimesAtMost() {
    assertThat(push("second")).isNotEmpty().hasSizeLessThanOrEqualTo(15);
    assertThat(push("third")).isNotEmpty().hasSizeLessThanOrEqualTo(15);
  }

  private List<String> push(String name) {
    return flushes(
        requests.stream().filter(request -> request.startsWith(name)).toArray(String[]::new));
  }

  private List<String> flushes(String... names) {
    List<String> all = new ArrayList<>();
    for (String name : names) {
      all.addAll(flushes.get(requests.indexOf(name)));
    }
    return all;
  }
}
