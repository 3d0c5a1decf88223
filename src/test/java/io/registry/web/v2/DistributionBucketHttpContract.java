package io.registry.web.v2;

import io.registry.testkit.Bucket;
import io.registry.testkit.DistributionStore;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The tree of Distribution in a bucket. */
abstract class DistributionBucketHttpContract extends DistributionTreeHttpContract {
  private static final String PREFIX = "registry/";

  private Optional<Bucket> bucket = Optional.empty();

  abstract Bucket bucket(Path directory) throws Exception;

  private Bucket bucket() {
    return bucket.orElseThrow();
  }

  @Override
  RegistryServer start(DistributionStore tree) throws Exception {
    bucket = Optional.of(bucket(tree.root()));
    try (Stream<Path> files = Files.walk(tree.root().resolve("docker"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bucket().put(PREFIX + tree.root().relativize(file), Files.readAllBytes(file));
      }
    }
    return RegistryServer.startWith(bucket().arguments().toArray(String[]::new));
  }

  @Override
  void end() throws Exception {
    bucket().close();
  }

  @Override
  Object state() {
    Map<String, String> state = new TreeMap<>();
    bucket().objects().stream()
        .filter(name -> name.startsWith(PREFIX + "docker/"))
        .forEach(name -> state.put(name, OriginalStore.sha256(bucket().bytes(name))));
    return state;
  }

  @Override
  boolean isStoredHere(String digest) {
    String hex = digest.substring("sha256:".length());
    return bucket()
        .objects()
        .contains(PREFIX + "_oci/blobs/sha256/" + hex.substring(0, 2) + "/" + hex);
  }
}
