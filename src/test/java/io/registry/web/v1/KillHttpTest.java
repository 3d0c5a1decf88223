package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.Budget;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A registry that is killed again and again in the middle of pushes. What it has acknowledged must
 * be there when it starts again, and what it has not must not be there by half. A {@link Budget}
 * sets how often.
 */
@Tag("external")
@Tag("slow")
class KillHttpTest {
  private static final int KILLS = Budget.times(4);
  private static final int CLIENTS = 4;
  private static final int MAX_LAYERS = 3;

  /** How many requests a life lasts at most, and how long the deadly blow takes to fall. */
  private static final int MAX_REQUESTS = 80;

  private static final int MAX_DELAY_NANOS = 6_000_000;

  private final long seed = Budget.seed();
  private final Random random = new Random(seed);
  private final Map<String, State> images = new ConcurrentHashMap<>();
  private final Set<String> verified = new HashSet<>();
  private final List<Pushing> clients = new ArrayList<>();

  @TempDir Path store;

  @Test
  void whatWasAcknowledgedOutlivesEveryKillAndNothingIsThereByHalf() throws Exception {
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Pushing(i, random.nextLong()));
    }
    try {
      for (int life = 0; life < KILLS; life++) {
        try (RegistryProcess registry = start()) {
          assertThat(uploads()).as("folders, of which one is that of this life").hasSizeLessThan(2);
          verify(registry.client());
          pushUntilKilled(registry, life);
        }
      }
      try (RegistryProcess registry = start()) {
        assertThat(uploads()).as("folders, of which one is that of this life").hasSizeLessThan(2);
        verified.clear();
        verify(registry.client());
        for (Pushing client : clients) {
          client.finishAll(registry.client());
        }
        verified.clear();
        verify(registry.client());
        assertThat(images.values()).isNotEmpty().allMatch(state -> state.complete);
        assertOnlyWholeImages();
      }
    } catch (Exception | AssertionError e) {
      throw new AssertionError("with -Dseed=" + seed + ": " + e, e);
    }
  }

  private void pushUntilKilled(RegistryProcess registry, int life) throws Exception {
    int delay = random.nextInt(MAX_DELAY_NANOS);
    AtomicInteger requestsLeft = new AtomicInteger(1 + random.nextInt(MAX_REQUESTS));
    Runnable beforeRequest =
        () -> {
          if (requestsLeft.decrementAndGet() == 0) {
            // The blow falls while this and the other clients' requests are being handled.
            Thread killer =
                new Thread(
                    () -> {
                      LockSupport.parkNanos(delay);
                      registry.kill();
                    });
            killer.start();
          }
        };
    Together.run(
        clients.stream()
            .<Together.Task>map(
                client -> () -> client.pushUntilKilled(registry.client(), life, beforeRequest))
            .toList());
    registry.awaitEnd();
  }

  // The first change of a tag waits until nothing that the one before remembered is in use.
  private RegistryProcess start() throws IOException {
    return RegistryProcess.startWith(
        "--registry.storage.local.path=" + store, "--registry.cache.lease=100ms");
  }

  /** All that a client can know after a restart. */
  private void verify(TestClient client) {
    for (State state : images.values()) {
      if (verified.contains(state.image.id())) {
        continue;
      }
      Answer json = client.get(state.image.path("json"));
      if (state.complete || json.status() == 200) {
        assertWhole(client, state);
        state.complete = true;
        verified.add(state.image.id());
      } else {
        assertThat(json.status()).isIn(400, 404);
        assertThat(client.get(state.image.path("layer")).status()).isIn(400, 404);
        assertThat(client.get(state.image.path("ancestry")).status()).isIn(400, 404);
      }
    }
    for (Pushing pushing : clients) {
      pushing.verifyTag(client);
    }
  }

  private static void assertWhole(TestClient client, State state) {
    TestImage image = state.image;
    Answer json = client.get(image.path("json"));
    assertThat(json.status()).as(image.id()).isEqualTo(200);
    assertThat(json.bytes()).isEqualTo(image.json());
    assertThat(json.header("X-Docker-Checksum-Payload")).isEqualTo(image.checksum());
    Answer layer = client.get(image.path("layer"));
    assertThat(layer.status()).isEqualTo(200);
    assertThat(layer.bytes()).isEqualTo(image.layer());
    assertThat(client.get(image.path("ancestry")).text())
        .isEqualTo("[\"" + String.join("\", \"", state.ancestry) + "\"]");
  }

  private List<Path> uploads() throws IOException {
    Path uploads = store.resolve("_uploads");
    if (!Files.isDirectory(uploads)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(uploads)) {
      return folders.toList();
    }
  }

  private void assertOnlyWholeImages() throws IOException {
    try (Stream<Path> folders = Files.list(store.resolve("images"))) {
      for (Path folder : folders.toList()) {
        try (Stream<Path> files = Files.list(folder)) {
          assertThat(files.map(file -> String.valueOf(file.getFileName())))
              .containsExactlyInAnyOrder("_checksum", "ancestry", "json", "layer");
        }
      }
    }
    assertThat(uploads())
        .as("the living process's own folder, with its lock alone")
        .hasSizeLessThanOrEqualTo(1)
        .allSatisfy(own -> assertThat(own).isDirectoryNotContaining("glob:**[0-9]"));
  }

  /** What is known of an image; written by the client that has it, or for shared ones by all. */
  private static final class State {
    private final TestImage image;
    private final List<String> ancestry;
    private volatile boolean complete;

    State(TestImage image, List<String> ancestry) {
      this.image = image;
      this.ancestry = ancestry;
    }
  }

  /** A client: one thread in each life of the registry, with what it remembers from the others. */
  private final class Pushing {
    private final String name;
    private final String tag;
    private final Random random;
    private final Set<String> possibleTags = new HashSet<>(List.of(""));
    private final List<State> unfinished = new ArrayList<>();
    private final Set<String> sentLayers = new HashSet<>();
    private int pushes;

    Pushing(int number, long seed) {
      name = "client-" + number;
      tag = "/v1/repositories/killed/" + name + "/tags/latest";
      random = new Random(seed);
    }

    void pushUntilKilled(TestClient client, int life, Runnable beforeRequest) {
      try {
        finish(client, beforeRequest);
        while (true) {
          State base = known("base-" + life, List.of());
          unfinished.add(base);
          String chain = name + "-" + pushes++;
          State top = base;
          for (int i = random.nextInt(MAX_LAYERS); i >= 0; i--) {
            top = known(chain + "-" + i, top.ancestry);
            unfinished.add(top);
          }
          finish(client, beforeRequest);
          beforeRequest.run();
          tag(client, top.image);
        }
      } catch (UncheckedIOException e) {
        // Killed: the answer to the last request will never be known.
        return;
      }
    }

    void finishAll(TestClient client) {
      finish(client, () -> {});
    }

    private State known(String name, List<String> parents) {
      return images.computeIfAbsent(
          TestImage.id(name),
          id -> {
            byte[] layer = new byte[new Random(name.hashCode()).nextInt(300_000)];
            new Random(name.hashCode() + 1).nextBytes(layer);
            String parent = parents.isEmpty() ? "" : parents.get(0);
            List<String> ancestry = new ArrayList<>(parents);
            ancestry.add(0, id);
            return new State(TestImage.of(name, parent, layer), List.copyOf(ancestry));
          });
    }

    private void finish(TestClient client, Runnable beforeRequest) {
      while (!unfinished.isEmpty()) {
        push(client, unfinished.get(0), beforeRequest);
        unfinished.remove(0);
      }
    }

    // 409 says that another client, or this one before the kill, has finished the image.
    private void push(TestClient client, State state, Runnable beforeRequest) {
      String[] agent = {"User-Agent", name};
      if (!sentLayers.contains(state.image.id())) {
        beforeRequest.run();
        if (isComplete(state, state.image.putJson(client, agent))) {
          return;
        }
        beforeRequest.run();
        if (isComplete(state, state.image.putLayer(client, agent))) {
          return;
        }
        sentLayers.add(state.image.id());
      }
      beforeRequest.run();
      Answer answer = state.image.putChecksum(client, agent);
      assertThat(answer.status()).as(state.image.id() + ": " + answer).isIn(200, 409);
      state.complete = true;
    }

    private boolean isComplete(State state, Answer answer) {
      assertThat(answer.status()).as(state.image.id() + ": " + answer).isIn(200, 409);
      if (answer.status() == 409) {
        state.complete = true;
      }
      return answer.status() == 409;
    }

    private void tag(TestClient client, TestImage image) {
      possibleTags.add(image.id());
      Answer answer = client.put(tag, '"' + image.id() + '"');
      assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
      possibleTags.clear();
      possibleTags.add(image.id());
    }

    void verifyTag(TestClient client) {
      Answer answer = client.get(tag);
      String found = answer.status() == 404 ? "" : answer.text().replace("\"", "");
      assertThat(possibleTags).as(answer.toString()).contains(found);
      possibleTags.clear();
      possibleTags.add(found);
    }
  }
}
