package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.RegistryProcess;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SyncedTree;
import io.registry.testkit.SystemCalls;
import io.registry.testkit.SystemCalls.Call;
import io.registry.testkit.SystemCalls.Moment;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power goes at any moment of a push, and the file system forgets what was not flushed. What
 * was acknowledged is there afterwards, and no image is there by half.
 */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class PowerLossHttpTest {
  private static final String REPOSITORY = "/v1/repositories/lost/power";
  private static final Pattern IMAGE_FILE = Pattern.compile("store/images/([0-9a-f]{64})/(.*)");
  private static final Set<String> IMAGE_FILES = Set.of("json", "layer", "ancestry", "_checksum");

  private final TestImage base = TestImage.of("base", "", random(100_000));
  private final TestImage child = TestImage.of("child", base.id(), random(3_000));
  private final TestImage late = TestImage.of("late", child.id(), random(50));

  /** What was acknowledged with each answer. */
  private final List<Acknowledged> answers = new ArrayList<>();

  private Acknowledged acknowledged = new Acknowledged(Set.of(), Map.of(), Set.of());
  private List<Call> calls = List.of();
  private Path ground = Path.of("");

  private record Acknowledged(Set<TestImage> images, Map<String, TestImage> tags, Set<String> ids) {
    Acknowledged with(TestImage image) {
      Set<TestImage> more = new HashSet<>(images);
      more.add(image);
      return new Acknowledged(more, tags, ids);
    }

    Acknowledged with(String tag, TestImage image) {
      Map<String, TestImage> more = new TreeMap<>(tags);
      more.put(tag, image);
      return new Acknowledged(images, more, ids);
    }

    Acknowledged with(String id) {
      Set<String> more = new HashSet<>(ids);
      more.add(id);
      return new Acknowledged(images, tags, more);
    }
  }

  @BeforeAll
  void traceAPush(@TempDir Path directory) throws Exception {
    assumeTrue(SystemCalls.canBeTraced(), "strace is missing, or may not trace");
    ground = Files.createDirectory(directory.resolve("ground"));
    Path trace = directory.resolve("trace");
    try (RegistryProcess registry =
        RegistryProcess.startTraced(
            trace, "--registry.storage.local.path=" + ground.resolve("store"))) {
      TestClient client = registry.client();
      answered(client.put(REPOSITORY + "/", ids(base, child)), acknowledged);
      push(client, base);
      push(client, child);
      tag(client, "v1", base);
      tag(client, "latest", child);
      list(client, base);
      list(client, child);
      push(client, late);
      tag(client, "v1", late);
      list(client, late);
    }
    calls = SystemCalls.read(trace);
  }

  private void push(TestClient client, TestImage image) {
    answered(image.putJson(client), acknowledged);
    answered(image.putLayer(client), acknowledged);
    answered(image.putChecksum(client), acknowledged.with(image));
  }

  private void tag(TestClient client, String tag, TestImage image) {
    answered(
        client.put(REPOSITORY + "/tags/" + tag, '"' + image.id() + '"'),
        acknowledged.with(tag, image));
  }

  private void list(TestClient client, TestImage image) {
    answered(client.put(REPOSITORY + "/images", ids(image)), acknowledged.with(image.id()));
  }

  private static String ids(TestImage... images) {
    List<String> ids = new ArrayList<>();
    for (TestImage image : images) {
      ids.add("{\"id\": \"" + image.id() + "\"}");
    }
    return ids.toString();
  }

  private void answered(Answer answer, Acknowledged now) {
    assertThat(answer.status()).as(answer.toString()).isBetween(200, 204);
    acknowledged = now;
    answers.add(now);
  }

  @Test
  void whatWasAcknowledgedIsThereAfterALossOfPower(@TempDir Path stores) throws Exception {
    SyncedTree tree = new SyncedTree(ground);
    Map<String, String> before = Map.of();
    Acknowledged checked = new Acknowledged(Set.of(), Map.of(), Set.of());
    int answer = 0;
    for (Call call : calls) {
      if (call.answer() != 0) {
        Map<String, String> left = tree.files();
        Acknowledged now = answers.get(answer);
        if (!left.equals(before) || !now.equals(checked)) {
          check(left, now, stores.resolve("after-" + answer));
          before = left;
          checked = now;
        }
        answer++;
      }
      tree.apply(call);
    }
    assertThat(answer).isEqualTo(answers.size());
  }

  private void check(Map<String, String> left, Acknowledged now, Path directory) throws Exception {
    SyncedTree.write(left, Files.createDirectories(directory));
    try (RegistryServer server = RegistryServer.start(directory.resolve("store"))) {
      TestClient client = server.client();
      for (TestImage image : List.of(base, child, late)) {
        Answer json = client.get(image.path("json"));
        if (now.images().contains(image) || json.status() == 200) {
          assertThat(json.bytes()).as(directory + ": " + json).isEqualTo(image.json());
          assertThat(json.header("X-Docker-Checksum-Payload")).isEqualTo(image.checksum());
          assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
          assertThat(client.get(image.path("ancestry")).status()).isEqualTo(200);
        } else {
          assertThat(json.status()).isEqualTo(404);
        }
      }
      now.tags()
          .forEach(
              (tag, image) ->
                  assertThat(client.get(REPOSITORY + "/tags/" + tag).text())
                      .as("%s: tag %s", directory, tag)
                      .contains(image.id()));
      if (!now.ids().isEmpty()) {
        assertThat(client.get(REPOSITORY + "/images").text())
            .as(directory.toString())
            .contains(now.ids());
      }
    }
  }

  @Test
  void noMomentLeavesAnImageByHalf() {
    Map<String, TestImage> images = new HashMap<>();
    List.of(base, child, late).forEach(image -> images.put(image.id(), image));
    SyncedTree tree = new SyncedTree(ground);
    Set<String> seen = new HashSet<>();
    for (Call call : calls) {
      tree.apply(call);
      if (call.isFlush() && call.moment() == Moment.END) {
        Map<String, Set<String>> found = new HashMap<>();
        tree.files()
            .forEach(
                (path, content) -> {
                  Matcher file = IMAGE_FILE.matcher(path);
                  if (file.matches()) {
                    assertThat(content).as(path).isNotEmpty();
                    found.computeIfAbsent(file.group(1), id -> new HashSet<>()).add(file.group(2));
                  }
                });
        assertThat(found.values()).allMatch(IMAGE_FILES::equals);
        seen.addAll(found.keySet());
      }
    }
    assertThat(seen).isEqualTo(images.keySet());
  }

  /** Shows that the file system of these tests forgets. */
  @Test
  void aLayerThatNoChecksumHasCompletedIsForgotten() {
    SyncedTree tree = new SyncedTree(ground);
    int answer = 0;
    for (Call call : calls) {
      if (call.answer() != 0) {
        answer++;
        // The repository, the JSON and the layer.
        if (answer == 3) {
          break;
        }
      }
      tree.apply(call);
    }
    assertThat(answer).isEqualTo(3);
    assertThat(tree.files().keySet()).noneMatch(path -> path.contains(base.id()));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
