package io.registry.web.v2;

import io.registry.testkit.DistributionStore;
import io.registry.testkit.RegistryServer;
import java.nio.file.Files;
import java.nio.file.Path;

class DistributionTreeHttpTest extends DistributionTreeHttpContract {
  private Path root = Path.of("");

  @Override
  RegistryServer start(DistributionStore tree) {
    root = tree.root();
    return RegistryServer.start(root);
  }

  @Override
  Object state() {
    return DistributionStore.state(root);
  }

  @Override
  boolean isStoredHere(String digest) {
    String hex = digest.substring("sha256:".length());
    return Files.exists(
        root.resolve("_oci")
            .resolve("blobs")
            .resolve("sha256")
            .resolve(hex.substring(0, 2))
            .resolve(hex));
  }
}
