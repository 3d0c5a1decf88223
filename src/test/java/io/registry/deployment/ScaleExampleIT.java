package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.S3Server;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/scale.sh} with the packaged registry, as an operator runs it. */
class ScaleExampleIT {
  private static final Pattern PORT = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");

  @TempDir Path folder;

  @Test
  void twoRegistriesBehindNginxAreOne() throws Exception {
    for (String program : List.of("redis-server", "redis-cli", "nginx", "curl")) {
      assumeTrue(find(program).isPresent(), "there is no " + program + " on this machine");
    }
    try (S3Server s3 = S3Server.start()) {
      Process script =
          run(
              Map.of(
                  "S3_ENDPOINT", s3.endpoint().toString(),
                  "S3_BUCKET", s3.createBucket(),
                  "S3_ACCESS_KEY", S3Server.ACCESS_KEY,
                  "S3_SECRET_KEY", S3Server.SECRET_KEY,
                  "TMPDIR", Files.createDirectory(folder.resolve("tmp")).toString()));

      int status = script.waitFor();
      String said = Files.readString(folder.resolve("log"));
      assertThat(status).as(said).isZero();
      assertThat(said)
          .contains("while Redis stands still", "without Redis", "with an empty Redis")
          .endsWith("OK: two registries behind nginx were one\n");
      assertThat(folder.resolve("tmp")).isEmptyDirectory();
      assertThat(PORT.matcher(said).results().map(found -> Integer.valueOf(found.group(1))))
          .filteredOn(port -> port != s3.port())
          .isNotEmpty()
          .allSatisfy(ScaleExampleIT::assertNobodyListens);
    }
  }

  @Test
  void whatIsMissingIsSaid() throws Exception {
    Path programs = Files.createDirectory(folder.resolve("programs"));
    for (String program : List.of("dirname", "mktemp", "rm", "curl", "tar", "sha256sum")) {
      Files.createSymbolicLink(programs.resolve(program), find(program).orElseThrow());
    }

    assertThat(run(Map.of("PATH", programs.toString())).waitFor()).isOne();
    assertThat(Files.readString(folder.resolve("log")))
        .isEqualTo("FAILED: redis-server is missing: please install it\n");
  }

  private Process run(Map<String, String> environment) throws IOException {
    ProcessBuilder script =
        new ProcessBuilder("/bin/sh", "examples/scale.sh")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    script.environment().put("JAVA_HOME", System.getProperty("java.home"));
    script.environment().putAll(environment);
    return script.start();
  }

  private static void assertNobodyListens(int port) {
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(ConnectException.class);
  }

  /** Where the script finds a program. */
  private static Optional<Path> find(String program) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/sbin";
    return Stream.of(path.split(":", -1))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
