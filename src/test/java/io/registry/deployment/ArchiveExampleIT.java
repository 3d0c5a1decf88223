package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.OriginalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/archive-to-oci.sh} with the packaged registry, as an operator runs it. */
class ArchiveExampleIT {
  @TempDir Path folder;

  @Test
  void everyImageOfAnArchiveBecomesAnOciLayoutAndTheArchiveStaysAsItIs() throws Exception {
    assumeTrue(
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(each -> Files.isExecutable(Path.of(each, "skopeo"))),
        "skopeo is not installed");
    OriginalStore store = OriginalStore.unpack(folder.resolve("archive"));
    Set<String> before = store.images();
    Path log = folder.resolve("log");
    Path output = folder.resolve("output");

    Process script =
        new ProcessBuilder(
                "/bin/sh", "examples/archive-to-oci.sh", store.root().toString(), output.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();

    assertThat(script.waitFor()).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log))
        .contains("copied   solo:latest", "copied   fixtures/from-1-12-6:v1")
        .doesNotContain("LEFT OUT");
    assertThat(output.resolve("fixtures/legacy/index.json"))
        .content()
        .contains("latest", "1.0-rc.1");
    assertThat(store.images()).isEqualTo(before);
    assertThat(store.root().resolve("_v2")).doesNotExist();
  }
}
