package io.registry.operations.collect;

import io.registry.RegistryApplication;
import io.registry.content.liveness.UnguardedStore;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SimulatedClock;
import io.registry.testkit.TestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Registries on one store that collect without grace, and whose leases are over when wanted. */
final class CollectedRegistry implements AutoCloseable {
  private static final List<String> ROOTS =
      List.of(
          "images",
          "_oci/blobs",
          "_oci/images",
          "repositories",
          "_v2/images",
          "_v2/blobs",
          "_v2/content",
          "_v2/digests");

  private final List<RegistryServer> servers = new ArrayList<>();

  /** A registry whose leases a test ends. Without a stereotype, so that no scan finds it. */
  @Import(RegistryApplication.class)
  static final class Timed {
    @Bean
    MonotonicClock monotonicClock() {
      return new SimulatedClock();
    }
  }

  CollectedRegistry(int count, Path directory, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--registry.gc.enabled=true",
                "--registry.gc.grace=0s",
                "--registry.gc.untagged=0s",
                "--registry.gc.rate=1000000",
                "--registry.cache.lease=500ms",
                "--registry.trash.keep=0s"));
    arguments.addAll(List.of(more));
    for (int i = 0; i < count; i++) {
      servers.add(RegistryServer.start(Timed.class, directory, arguments.toArray(String[]::new)));
    }
  }

  TestClient client(int number) {
    return servers.get(number).client();
  }

  Collector collector(int number) {
    return servers.get(number).bean(Collector.class);
  }

  BlobStorage store() {
    return servers.get(0).bean(UnguardedStore.class).storage();
  }

  /** Ends all leases. */
  void pass(Duration time) {
    servers.forEach(server -> ((SimulatedClock) server.bean(MonotonicClock.class)).pass(time));
  }

  /** Condemns what is dead, and returns how many units that are. */
  int condemn() {
    collector(0).step(true);
    return collector(0).status().condemned();
  }

  /** Ends a collection, which one of the registries began, and returns its report. */
  CollectReport finish(int number) {
    Optional<Duration> wait = collector(number).step(false);
    while (wait.isPresent()) {
      pass(wait.get());
      wait = collector(number).step(false);
    }
    return collector(number).status().last().get(0);
  }

  CollectReport collect() {
    condemn();
    return finish(0);
  }

  /** The sizes of all files of images, blobs and repositories. */
  Map<String, Long> files() {
    Map<String, Long> found = new TreeMap<>();
    ROOTS.forEach(root -> addFiles(new BlobKey(root), found));
    return found;
  }

  private void addFiles(BlobKey folder, Map<String, Long> found) {
    try (Stream<BlobEntry> files = store().list(folder)) {
      files.forEach(file -> found.put(folder.child(file.name()).path(), file.info().size()));
    }
    List<String> folders;
    try (Stream<String> names = store().folders(folder)) {
      folders = names.toList();
    }
    folders.forEach(name -> addFiles(folder.child(name), found));
  }

  @Override
  public void close() {
    servers.forEach(RegistryServer::close);
  }
}
