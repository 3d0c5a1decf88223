package io.registry.operations.check;

import static io.registry.operations.check.CheckedStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.operations.check.CheckedStore.Answer;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.web.v2.V2Image;
import io.registry.web.v2.V2Pusher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreCheckHttpTest extends StoreCheckHttpContract {
  @TempDir Path directory;

  @Override
  List<String> arguments() {
    return List.of("--registry.storage.local.path=" + directory.resolve("store"));
  }

  @Override
  boolean pointsToBlobs() {
    return false;
  }

  @Test
  void aCheckBesideARegistryUnderLoadFindsNothing() throws Exception {
    int pushed = checkBeside(LocalStoreCheckHttpTest::push, List.of("a", "b", "c"), 8, 30);

    assertThat(CheckedStore.command(arguments()).count("images")).isEqualTo(pushed);
  }

  /** Pushes under a name until it is over, and counts what it has pushed. */
  @FunctionalInterface
  private interface Pushes {
    void run(TestClient client, String name, AtomicBoolean over, AtomicInteger pushed);
  }

  // Returns how many pushes there were.
  private int checkBeside(Pushes pushes, List<String> names, int rounds, int atLeast)
      throws Exception {
    ExecutorService pushers = Executors.newFixedThreadPool(names.size());
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger pushed = new AtomicInteger();
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      List<Future<?>> running = new ArrayList<>();
      for (String name : names) {
        running.add(pushers.submit(() -> pushes.run(server.client(), name, over, pushed)));
      }
      for (int round = 0; round < rounds || pushed.get() < atLeast; round++) {
        Answer answer = CheckedStore.command(arguments());
        assertThat(answer.findings()).isEmpty();
        assertThat(answer.status()).isZero();
      }
      over.set(true);
      for (Future<?> each : running) {
        each.get();
      }
      return pushed.get();
    } finally {
      over.set(true);
      pushers.shutdownNow();
    }
  }

  private static void push(
      TestClient client, String name, AtomicBoolean over, AtomicInteger pushed) {
    TestImage image = TestImage.base(name, name).push(client);
    pushed.incrementAndGet();
    for (int number = 1; !over.get(); number++) {
      image =
          number % 20 == 0
              ? TestImage.base(name + number, name)
              : TestImage.child(name + number, image, name + number);
      image.push(client);
      pushed.incrementAndGet();
      client.put("/v1/repositories/" + name + "/tags/t" + number % 5, "\"" + image.id() + "\"");
      client.delete("/v1/repositories/" + name + "/tags/t" + (number + 2) % 5);
    }
  }

  @Test
  void aCheckBesidePushesAndRemovalsOverV2FindsNothing() throws Exception {
    int pushed = checkBeside(LocalStoreCheckHttpTest::pushOverV2, List.of("v2/a", "v2/b"), 15, 60);

    assertThat(pushed).isGreaterThanOrEqualTo(60);
  }

  private static void pushOverV2(
      TestClient client, String repository, AtomicBoolean over, AtomicInteger pushed) {
    V2Pusher pusher = new V2Pusher(client, repository);
    for (int number = 0; !over.get(); number++) {
      V2Image image = V2Image.of(repository + number, "base", repository + number);
      byte[] manifest = image.pushBlobs(pusher);
      assertThat(pusher.put("t" + number % 3, manifest).status()).isEqualTo(201);
      Map<String, Object> subject = V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, manifest);
      byte[] signature = pusher.artifact("signature " + number, Map.of("subject", subject));
      assertThat(pusher.put("s" + number % 3, signature).status()).isEqualTo(201);
      if (number % 2 == 0) {
        assertThat(pusher.delete("manifests/" + Digest.of(signature)).status()).isEqualTo(202);
        assertThat(pusher.delete("manifests/" + Digest.of(manifest)).status()).isEqualTo(202);
      }
      if (number % 5 == 4) {
        assertThat(pusher.removeOverV1().status()).isEqualTo(200);
      }
      pushed.incrementAndGet();
    }
  }

  @Test
  void theOriginalsStoreHasTheDefectsThatItReallyHasAndIsNotTouched() {
    OriginalStore store = OriginalStore.unpack(directory.resolve("store"));
    Map<String, String> before = store.hashes();

    Answer answer = CheckedStore.command(arguments(), "--older-than=0s");

    assertThat(answer.findings())
        .containsExactlyInAnyOrder(
            "checksum-missing images/b2d6fcef286bc965b3781377bde67b96fd32dba80283ba4e5d7eeda1b3c4"
                + "ebc4/_checksum",
            "stuck-upload images/bea3751fd90e1dc35c0af8cdc5199eb4e91a8cb38abbcbdc511ee100eb779e8e"
                + "/_inprogress",
            "stuck-upload images/cadb3ae40d83439fec32df9fe167222ba441ed4f4f1026d1ff7cdd15356ee311"
                + "/_inprogress",
            "ancestry-missing images/aa3ec46707982af4b687cda1d1f246bd08599c38f66789d0ad6c40051fe0"
                + "3fb2/ancestry");
    assertThat(answer.count("images")).isEqualTo(store.images().size());
    assertThat(answer.count("layersWithoutChecksum")).isPositive();
    assertThat(store.hashes()).isEqualTo(before);
  }

  @Test
  void aCheckLeavesWhatAKilledRegistryLeftToItsNextStart() throws Exception {
    Path left = Files.createDirectories(directory.resolve("store/_uploads/dead"));
    Files.write(left.resolve("1"), bytes("half a layer"));
    Files.write(left.resolve("lock"), new byte[0]);

    assertThat(CheckedStore.command(arguments(), "--older-than=0s").findings())
        .containsExactly("leftover _uploads/dead");
    assertThat(CheckedStore.command(arguments()).findings()).isEmpty();
    assertThat(left.resolve("1")).exists();
  }

  @Test
  void aCommandThatMakesNoSenseSaysSo() {
    assertThat(CheckedStore.command(arguments(), "--repair").said()).contains("--no-writers");
    assertThat(CheckedStore.command(arguments(), "--repair").status()).isEqualTo(2);
    for (String wrong :
        List.of(
            "--repiar", "now", "--layers=some", "--older-than=old", "--report=", "--repair=1")) {
      assertThat(CheckedStore.command(arguments(), wrong).status()).as(wrong).isEqualTo(2);
    }
    assertThat(CheckedStore.command(List.of("--spring.profiles.active=s3")).status()).isEqualTo(2);
    assertThat(CheckedStore.command(List.of("--spring.profiles.active=s3,gcs")).status())
        .isEqualTo(2);
  }
}
