package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.operations.transfer.Transfers.Answer;
import io.registry.testkit.ChildProcess;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryCommand;
import io.registry.testkit.RegistryServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, which is killed in the middle. */
@Tag("external")
@Tag("slow")
class CopyProcessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Blobs that pass before the other registry falls silent. */
  private static final int PASSED = 6;

  @TempDir Path directory;
  private OriginalStore store;

  @BeforeEach
  void unpack() {
    store = OriginalStore.unpack(directory.resolve("store"));
  }

  private ChildProcess start(Path own, String... arguments) throws IOException {
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    List<String> command = RegistryCommand.with("-Xmx128m", "-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of("copy", "--registry.storage.local.path=" + own));
    command.addAll(List.of(arguments));
    return new ChildProcess(command, directory, directory.resolve("said"));
  }

  /** Lets some requests of a kind pass, and says nothing more afterwards. */
  private static void fallSilent(FaultProxy proxy, Predicate<String> kind) {
    AtomicInteger passed = new AtomicInteger();
    proxy.plan(
        (number, request) ->
            kind.test(request) && passed.incrementAndGet() > PASSED
                ? Fault.silence()
                : Fault.none());
  }

  private static List<String> digests(FaultProxy proxy, Predicate<String> kind) {
    return proxy.requests().stream()
        .filter(kind)
        .map(request -> request.replaceFirst(".*sha256(:|%3A)", ""))
        .toList();
  }

  @Test
  void aKilledPushGoesOnAndSendsNothingTwice() throws Exception {
    Predicate<String> sends = request -> request.matches("PUT .*digest=.*");
    try (RegistryServer server = RegistryServer.start(directory.resolve("other"));
        FaultProxy proxy = new FaultProxy(server.port())) {
      String url = proxy.endpoint().toString();
      fallSilent(proxy, sends);
      try (ChildProcess copy = start(store.root(), "--all", "--to", url, "--parallel=1")) {
        await()
            .atMost(PATIENCE)
            .until(() -> digests(proxy, sends).size() > PASSED || !copy.isAlive());
        assertThat(copy.isAlive()).as(copy.said()).isTrue();
      }
      List<String> sent = digests(proxy, sends).subList(0, PASSED);
      proxy.heal();

      Answer rest =
          Transfers.run(new CopyCommand(Transfers.REGISTRY), store.root(), "--all", "--to", url);

      assertThat(rest.status()).as(rest.said()).isZero();
      assertThat(digests(proxy, sends)).isNotEmpty().doesNotContainAnyElementsOf(sent);
      Transfers.requireWhole(server.client());
      Map<String, String> there = Transfers.served(server.client());
      try (RegistryServer own = RegistryServer.start(store.root())) {
        assertThat(there).isEqualTo(Transfers.served(own.client()));
      }
    }
  }

  @Test
  void aKilledPullGoesOnAndReadsNothingTwice() throws Exception {
    Path target = directory.resolve("target");
    Predicate<String> reads = request -> request.matches("GET /v2/.*/blobs/.*");
    try (RegistryServer server = RegistryServer.start(store.root());
        FaultProxy proxy = new FaultProxy(server.port())) {
      String url = proxy.endpoint().toString();
      fallSilent(proxy, reads);
      try (ChildProcess copy = start(target, "--all", "--from", url, "--parallel=1")) {
        await()
            .atMost(PATIENCE)
            .until(() -> digests(proxy, reads).size() > PASSED || !copy.isAlive());
        assertThat(copy.isAlive()).as(copy.said()).isTrue();
      }
      List<String> read = digests(proxy, reads).subList(0, PASSED);
      proxy.heal();

      Answer rest =
          Transfers.run(new CopyCommand(Transfers.REGISTRY), target, "--all", "--from", url);

      assertThat(rest.status()).as(rest.said()).isZero();
      assertThat(digests(proxy, reads)).isNotEmpty().doesNotContainAnyElementsOf(read);
      try (RegistryServer own = RegistryServer.start(target)) {
        Transfers.requireWhole(own.client());
        assertThat(Transfers.served(own.client())).isEqualTo(Transfers.served(server.client()));
      }
    }
  }
}
