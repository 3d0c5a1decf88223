package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.ImageUploads;
import io.registry.content.manifest.BlobUploads;
import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenRegistry;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.Budget;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The store dies at any operation of a push over V2. A registry that knows nothing of the push must
 * find what was acknowledged, and the rest whole or not at all; and the client succeeds when it
 * pushes again, leaving out what is there, as clients do.
 */
abstract class V2FaultHttpContract {
  /** Of so many operations in a row, one is tried. A budget of this number tries all. */
  private static final int STRIDE = Budget.stride(83);

  private static final JsonCodec CODEC = new JsonCodec();
  private static final String SOURCE = "faults/source";

  private final long seed = Budget.seed();
  private final Random random = new Random(seed);

  @TempDir static Path directory;

  /** The command line of each registry. */
  abstract List<String> arguments(Path scratch) throws Exception;

  /** The names of all files in the store. */
  abstract List<String> files() throws Exception;

  @SuppressWarnings("NullAway.Init")
  private V2Image old;

  private byte[] gone = new byte[0];

  @Test
  void whatIsAcknowledgedOutlivesTheDeathOfTheStoreAndTheRestIsWholeOrAbsent() throws Exception {
    List<String> all = new ArrayList<>(arguments(directory));
    all.add("--registry.cache.lease=100ms");
    all.add("--registry.uploads.expire-after=-1s");
    String[] arguments = all.toArray(String[]::new);
    List<Round> rounds = new ArrayList<>();
    try (RegistryServer dying = BrokenRegistry.start(directory, arguments);
        RegistryServer other = RegistryServer.start(directory, arguments)) {
      V2Pusher source = new V2Pusher(other.client(), SOURCE);
      old = V2Image.of("old", "base");
      assertThat(source.put("old", old.pushBlobs(source)).status()).isEqualTo(201);
      gone = source.artifact("gone", Map.of());
      boolean died = true;
      int first = 1 + random.nextInt(STRIDE);
      for (int operation = first; died; operation += STRIDE) {
        for (Outcome outcome : List.of(Outcome.FAILED, Outcome.DONE_BUT_FAILED)) {
          Round round =
              new Round("faults/" + operation + "-" + outcome.name().toLowerCase(Locale.ROOT));
          rounds.add(round);
          died = round.run(dying, other, operation, outcome);
        }
      }
      assertThat(rounds).isNotEmpty();
      other.bean(BlobUploads.class).sweep(Duration.ofDays(-1));
      other.bean(ImageUploads.class).sweep().run();
      assertThat(files()).noneMatch(file -> file.matches(".*/(_oci/uploads|_staging)/.*"));
    } catch (AssertionError e) {
      throw new AssertionError("with -Dseed=" + seed + ": " + e.getMessage(), e);
    }
    try (RegistryServer again = RegistryServer.start(directory, arguments)) {
      for (Round round : rounds) {
        round.check(again.client());
      }
    }
  }

  /** A request, or several, of which the last is acknowledged. */
  private interface Step {
    Answer run(V2Pusher pusher);
  }

  /** A push to a repository of its own. */
  private final class Round {
    private final String repository;
    private final V2Image image;
    private final byte[] manifest;
    private final byte[] signature;
    private final Map<String, Step> steps = new LinkedHashMap<>();
    private final Map<String, Step> found = new LinkedHashMap<>();
    private final List<String> acknowledged = new ArrayList<>();

    Round(String repository) {
      this.repository = repository;
      this.image = V2Image.of(repository, "base", "one " + repository, "two " + repository);
      this.manifest = image.manifest();
      this.signature = signature();
      byte[] base = image.packed().get(0);
      byte[] one = image.packed().get(1);
      byte[] two = image.packed().get(2);
      byte[] text = text();
      blob("config", image.config(), pusher -> whole(pusher, image.config()));
      blob("base", base, pusher -> mount(pusher, base));
      blob("one", one, pusher -> parts(pusher, one));
      blob("two", two, pusher -> single(pusher, two));
      step("tag", "manifests/t", manifest, pusher -> pusher.put("t", manifest));
      blob("text", text, pusher -> whole(pusher, text));
      step(
          "referrer",
          "manifests/" + Digest.of(signature),
          signature,
          pusher -> pusher.put(Digest.of(signature), signature));
      step("sig", "manifests/sig", signature, pusher -> pusher.put("sig", signature));
      steps.put("v1", pusher -> pusher.tagOverV1("v1", image.id()));
      steps.put("untag", pusher -> pusher.delete("manifests/untagged"));
      steps.put("delete", pusher -> pusher.delete("manifests/" + Digest.of(gone)));
    }

    private byte[] text() {
      return ("signature of " + repository).getBytes(UTF_8);
    }

    private byte[] signature() {
      Map<String, Object> json =
          V2Pusher.image(
              V2Pusher.descriptor("application/x", image.config()),
              List.of(V2Pusher.descriptor("text/plain", text())));
      json.put("subject", V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, manifest));
      return V2Pusher.render(json);
    }

    private void blob(String name, byte[] bytes, Step push) {
      step(name, "blobs/" + Digest.of(bytes), bytes, push);
    }

    private void step(String name, String path, byte[] bytes, Step push) {
      steps.put(name, push);
      found.put(
          name,
          pusher -> {
            Answer head = pusher.head(path);
            boolean same = head.header("Docker-Content-Digest").equals(Digest.of(bytes).toString());
            return same ? head : push.run(pusher);
          });
    }

    private Answer whole(V2Pusher pusher, byte[] bytes) {
      return next(pusher.start(), at -> pusher.finish(at, bytes, Digest.of(bytes)));
    }

    private Answer parts(V2Pusher pusher, byte[] bytes) {
      int half = bytes.length / 2;
      byte[] head = Arrays.copyOf(bytes, half);
      byte[] tail = Arrays.copyOfRange(bytes, half, bytes.length);
      return next(
          pusher.start(),
          at ->
              next(
                  pusher.patch(at, head),
                  then ->
                      next(
                          pusher.patch(then, tail),
                          end -> pusher.finish(end, new byte[0], Digest.of(bytes)))));
    }

    private Answer next(Answer begun, Function<String, Answer> then) {
      return begun.status() == 202 ? then.apply(begun.header("Location")) : begun;
    }

    private Answer single(V2Pusher pusher, byte[] bytes) {
      return pusher.post("blobs/uploads/?digest=" + Digest.of(bytes), bytes);
    }

    private Answer mount(V2Pusher pusher, byte[] bytes) {
      return pusher.post(
          "blobs/uploads/?mount=" + Digest.of(bytes) + "&from=" + SOURCE, new byte[0]);
    }

    /** Returns whether the store died: the push may need fewer operations. */
    boolean run(RegistryServer dying, RegistryServer other, int operation, Outcome outcome)
        throws Exception {
      V2Pusher there = new V2Pusher(other.client(), repository);
      for (byte[] bytes :
          List.of(old.config(), old.packed().get(0), "{}".getBytes(UTF_8), text("gone"))) {
        assertThat(mount(there, bytes).status()).isEqualTo(201);
      }
      assertThat(there.put("t", old.manifest()).status()).isEqualTo(201);
      assertThat(there.put("gone", gone).status()).isEqualTo(201);
      assertThat(there.put("untagged", gone).status()).isEqualTo(201);
      BrokenStorage storage = dying.bean(BrokenStorage.class);
      AtomicBoolean dead = new AtomicBoolean();
      storage.fail(
          Reason.UNAVAILABLE,
          (number, verb, key) -> {
            if (number < operation) {
              return Outcome.DONE;
            }
            return dead.getAndSet(true) ? Outcome.FAILED : outcome;
          });
      String failed = push(new V2Pusher(dying.client(), repository));
      assertThat(failed.isEmpty() || dead.get()).as("%s: %s", repository, failed).isTrue();
      storage.heal();
      check(other.client());
      for (Map.Entry<String, Step> step : steps.entrySet()) {
        if (!acknowledged.contains(step.getKey())) {
          Answer answer = found.getOrDefault(step.getKey(), step.getValue()).run(there);
          boolean removes = step.getKey().matches("untag|delete");
          assertThat(answer.status() / 100 == 2 || (removes && answer.status() == 404))
              .as("%s after %s: %s", step.getKey(), failed, answer)
              .isTrue();
          acknowledged.add(step.getKey());
        }
      }
      check(other.client());
      check(dying.client());
      return dead.get();
    }

    private static byte[] text(String text) {
      return text.getBytes(UTF_8);
    }

    // Returns what was not acknowledged, and the answer; empty when all was.
    private String push(V2Pusher pusher) {
      for (Map.Entry<String, Step> step : steps.entrySet()) {
        Answer answer = step.getValue().run(pusher);
        if (answer.status() / 100 != 2) {
          assertThat(answer.status()).as("%s: %s", step.getKey(), answer).isEqualTo(503);
          return step.getKey() + ": " + answer;
        }
        acknowledged.add(step.getKey());
      }
      return "";
    }

    void check(TestClient client) {
      V2Pusher reader = new V2Pusher(client, repository);
      List<byte[]> layers = image.packed();
      boolean image = isThere(reader, "tag", "manifests/" + Digest.of(manifest), manifest);
      isThere(reader, "config", "blobs/" + Digest.of(this.image.config()), this.image.config());
      isThere(reader, "base", "blobs/" + Digest.of(layers.get(0)), layers.get(0));
      isThere(reader, "one", "blobs/" + Digest.of(layers.get(1)), layers.get(1));
      isThere(reader, "two", "blobs/" + Digest.of(layers.get(2)), layers.get(2));
      isThere(reader, "text", "blobs/" + Digest.of(text()), text());
      checkTag(client, reader, image);
      checkReferrers(reader);
      checkV1(client, reader);
      checkRemovals(reader);
    }

    private boolean isThere(V2Pusher reader, String step, String path, byte[] bytes) {
      Answer answer = reader.get(path);
      if (answer.status() == 404) {
        assertThat(acknowledged).as("%s of %s is lost", step, repository).doesNotContain(step);
        return false;
      }
      assertThat(answer.status()).as("%s of %s: %s", step, repository, answer).isEqualTo(200);
      assertThat(answer.bytes()).as("%s of %s", step, repository).isEqualTo(bytes);
      return true;
    }

    // The tag names its old or its new manifest, over both protocols the same.
    private void checkTag(TestClient client, V2Pusher reader, boolean isImageThere) {
      byte[] tagged = reader.get("manifests/t").bytes();
      String id = client.get("/v1/repositories/" + repository + "/tags/t").text();
      if (acknowledged.contains("tag") || Arrays.equals(tagged, manifest)) {
        assertThat(tagged).isEqualTo(manifest);
        assertThat(isImageThere).isTrue();
        assertThat(id).isEqualTo('"' + image.id() + '"');
        for (int i = 0; i < image.tars().size(); i++) {
          String path = "/v1/images/" + image.chain().get(i).id();
          assertThat(client.get(path + "/json").bytes()).isEqualTo(image.chain().get(i).json());
          assertThat(client.get(path + "/layer").bytes()).isEqualTo(image.packed().get(i));
        }
      } else {
        assertThat(tagged).as(repository).isEqualTo(old.manifest());
        assertThat(id).isEqualTo('"' + old.id() + '"');
      }
    }

    private void checkReferrers(V2Pusher reader) {
      boolean isThere = isThere(reader, "referrer", "manifests/" + Digest.of(signature), signature);
      Answer referrers = reader.get("referrers/" + Digest.of(manifest));
      List<String> digests =
          CODEC
              .parse(referrers.bytes())
              .orElseThrow()
              .path("manifests")
              .valueStream()
              .map(each -> each.path("digest").asString(""))
              .toList();
      assertThat(digests)
          .as("%s: the referrer is there: %s", repository, isThere)
          .isEqualTo(isThere ? List.of(Digest.of(signature).toString()) : List.of());
      if (isThere(reader, "sig", "manifests/sig", signature)) {
        assertThat(isThere).isTrue();
      }
    }

    private void checkV1(TestClient client, V2Pusher reader) {
      String tags = "/v1/repositories/" + repository + "/tags/";
      assertThat(client.get(tags + "sig").status()).isEqualTo(404);
      Answer v1 = client.get(tags + "v1");
      if (acknowledged.contains("v1") || v1.status() != 404) {
        assertThat(v1.text()).isEqualTo('"' + image.id() + '"');
        assertThat(reader.get("manifests/v1").bytes()).isEqualTo(manifest);
      }
    }

    private void checkRemovals(V2Pusher reader) {
      boolean isThere = reader.get("manifests/" + Digest.of(gone)).status() == 200;
      for (String tag : List.of("gone", "untagged")) {
        Answer tagged = reader.get("manifests/" + tag);
        if (tagged.status() == 200) {
          assertThat(tagged.bytes()).isEqualTo(gone);
          assertThat(isThere).as("%s of %s names nothing", tag, repository).isTrue();
        }
        boolean removed = acknowledged.contains(tag.equals("gone") ? "delete" : "untag");
        assertThat(tagged.status()).as(tag).isIn(removed ? List.of(404) : List.of(404, 200));
      }
      if (acknowledged.contains("delete")) {
        assertThat(isThere).isFalse();
      }
    }
  }
}
