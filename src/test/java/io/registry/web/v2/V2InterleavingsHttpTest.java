package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenRegistry;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Fault;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Another registry handles a whole request between any two operations of a request. */
@Tag("slow")
class V2InterleavingsHttpTest {
  private static final JsonCodec CODEC = new JsonCodec();

  @TempDir private static Path store;

  private static RegistryServer slow;
  private static RegistryServer other;

  @BeforeAll
  static void start() {
    String lease = "--registry.cache.lease=100ms";
    slow = BrokenRegistry.start(store, lease);
    other = RegistryServer.start(store, lease);
  }

  @AfterAll
  static void stop() {
    slow.close();
    other.close();
  }

  /** A request to a repository. */
  private interface Request {
    Answer send(V2Pusher pusher);
  }

  /** What has to hold in the end, whenever the second request was handled. */
  private interface Result {
    void check(V2Pusher reader, Answer first, Answer second);
  }

  private static byte[] old = new byte[0];
  private static byte[] next = new byte[0];

  /** Sends a request before an operation of another one, unless that has ended. */
  private static final class Between implements Fault {
    private final int operation;
    private final Supplier<Answer> request;
    private boolean ended;
    private Optional<Answer> answer = Optional.empty();

    Between(int operation, Supplier<Answer> request) {
      this.operation = operation;
      this.request = request;
    }

    @Override
    public synchronized Outcome outcome(int number, Verb verb, BlobKey key) {
      // Between the last look at a tag and its removal no other process can be kept out.
      boolean isLast = (verb == Verb.READ || verb == Verb.DELETE) && key.path().endsWith("/tag_t");
      if (number == operation && !isLast && !ended) {
        answer = Optional.of(request.get());
      }
      return Outcome.DONE;
    }

    synchronized void end() {
      ended = true;
    }

    synchronized Optional<Answer> answer() {
      return answer;
    }
  }

  private static void interleave(String name, Request first, Request second, Result result) {
    boolean more = true;
    int tried = 0;
    for (int operation = 1; more; operation++) {
      String repository = "between/" + name + operation;
      V2Pusher here = new V2Pusher(slow.client(), repository);
      V2Pusher there = new V2Pusher(other.client(), repository);
      old = there.artifact("old", Map.of());
      next = there.artifact("next", Map.of());
      assertThat(there.put("t", old).status()).isEqualTo(201);
      assertThat(there.put(Digest.of(next), next).status()).isEqualTo(201);
      Between between = new Between(operation, () -> second.send(there));
      BrokenStorage storage = slow.bean(BrokenStorage.class);
      storage.fail(Reason.BROKEN, between);
      Answer done = first.send(here);
      between.end();
      more = storage.operations() >= operation;
      storage.heal();
      if (between.answer().isPresent()) {
        tried++;
        assertTagsAreWhole(there, name + operation);
        assertTagsAreWhole(here, name + operation);
        result.check(there, done, between.answer().get());
      }
    }
    assertThat(tried).isGreaterThan(5);
  }

  // What a tag names is there, with all that it consists of.
  private static void assertTagsAreWhole(V2Pusher reader, String what) {
    Answer listed = reader.get("tags/list");
    if (listed.status() == 404) {
      return;
    }
    for (JsonNode tag : CODEC.parse(listed.bytes()).orElseThrow().path("tags")) {
      Answer manifest = reader.get("manifests/" + tag.asString(""));
      assertThat(manifest.status()).as("%s: %s: %s", what, tag, manifest).isEqualTo(200);
      JsonNode json = CODEC.parse(manifest.bytes()).orElseThrow();
      for (JsonNode blob :
          List.of(json.path("config").path("digest"), json.path("layers").path(0).path("digest"))) {
        assertThat(reader.head("blobs/" + blob.asString("")).status())
            .as("%s: %s of %s", what, blob, tag)
            .isEqualTo(200);
      }
    }
  }

  private static Answer removeOld(V2Pusher pusher) {
    return pusher.delete("manifests/" + Digest.of(old));
  }

  @Test
  void aTagThatIsMovedMeanwhileOutlivesTheRemovalOfItsOldManifest() {
    interleave(
        "moved",
        V2InterleavingsHttpTest::removeOld,
        pusher -> pusher.put("t", next),
        (reader, removed, put) -> {
          assertThat(removed.status()).isEqualTo(202);
          assertThat(put.status()).isEqualTo(201);
          assertThat(reader.get("manifests/t").text()).isEqualTo(new String(next, UTF_8));
        });
  }

  @Test
  void noTagThatIsSetMeanwhileNamesAManifestThatWasRemoved() {
    interleave(
        "set",
        V2InterleavingsHttpTest::removeOld,
        pusher -> pusher.put("other", old),
        (reader, removed, put) -> {
          assertThat(removed.status()).isEqualTo(202);
          assertThat(put.status()).isIn(201, 503);
        });
    interleave(
        "removed",
        pusher -> pusher.put("other", old),
        V2InterleavingsHttpTest::removeOld,
        (reader, put, removed) -> {
          assertThat(removed.status()).isEqualTo(202);
          assertThat(put.status()).isIn(201, 503);
        });
  }

  @Test
  void noTagThatIsSetMeanwhileIsLeftOfARepositoryThatIsRemoved() {
    interleave(
        "all",
        V2Pusher::removeOverV1,
        pusher -> pusher.put("other", next),
        (reader, removed, put) -> {
          assertThat(removed.status()).isEqualTo(200);
          assertThat(put.status()).isIn(201, 404, 503);
        });
    interleave(
        "none",
        pusher -> pusher.put("other", next),
        V2Pusher::removeOverV1,
        (reader, put, removed) -> {
          assertThat(removed.status()).isEqualTo(200);
          assertThat(put.status()).isIn(201, 404, 503);
        });
  }
}
