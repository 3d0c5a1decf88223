package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image and docker-compose.yml in a real engine. No image is fetched: those that are named
 * stand for one Debian that is made here, with the JDK of this machine. The stage {@code jar} of
 * the Dockerfile is the jar that was packaged.
 */
class ContainersIT {
  private static final String JDK_IMAGE = "eclipse-temurin:25-jdk-noble";
  private static final long MEGABYTE = 1_000_000;

  /** Far more than it takes; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir static Path directory;

  private static ContainerEngine engine;

  @BeforeAll
  static void buildTheImage() throws Exception {
    assumeTrue(Jdk.newest().hasAotCache(), "there is no JDK 25 on this machine");
    String whyNot = ContainerEngine.whyNot();
    assumeTrue(whyNot.isEmpty(), whyNot);
    engine = ContainerEngine.start(Files.createDirectory(directory.resolve("engine")));
    makeStandIns();
    Path jar = Files.createDirectories(directory.resolve("jar/build/target"));
    Files.copy(Path.of("target/registry.jar"), jar.resolve("registry.jar"));
    engine.run(
        "docker",
        "build",
        "--build-context",
        "jar=" + directory.resolve("jar"),
        "-t",
        "registry",
        ".");
  }

  private static void makeStandIns() throws Exception {
    String root = directory.resolve("debian").toString();
    engine.run(
        "debootstrap",
        "--variant=minbase",
        "--include=binutils,ca-certificates,nginx-light,redis-server,redis-tools,wget",
        "trixie",
        root);
    engine.run("mkdir", "--parents", root + "/opt/java");
    // Where the JDK is a package, its certificates lie elsewhere.
    engine.run(
        "cp",
        "--recursive",
        "--dereference",
        Jdk.newest().home().toString(),
        root + "/opt/java/openjdk");
    engine.run(
        "sh",
        "-c",
        "tar -C "
            + root
            + " -c . | docker import --change"
            + " 'ENV PATH=/opt/java/openjdk/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "
            + JDK_IMAGE);
    Map<String, String> images =
        Map.of(
            "redis", "redis:8.8-alpine",
            "nginx", "nginx:1.30-alpine",
            "seaweedfs", "chrislusf/seaweedfs:4.47");
    for (Map.Entry<String, String> image : images.entrySet()) {
      engine.run(
          "docker",
          "build",
          "--target",
          image.getKey(),
          "-t",
          image.getValue(),
          "src/test/resources/containers");
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (engine != null) {
      engine.close();
    }
  }

  @Test
  void theImageIsSmallAndHasNoShell() throws Exception {
    long size = Long.parseLong(engine.run("docker", "inspect", "-f", "{{.Size}}", "registry"));

    assertThat(size).isLessThan(250 * MEGABYTE);
    assertThat(engine.run("sh", "-c", "! docker run --rm --entrypoint sh registry -c true 2>&1"))
        .contains("not found");
  }

  @Test
  void itRunsReadOnlyAsItsUserIsHealthyKeepsImagesAndStopsWhenItIsTold() throws Exception {
    // A cache that it cannot read would be passed over in silence otherwise.
    engine.run(
        "docker",
        "run",
        "-d",
        "--name",
        "one",
        "--read-only",
        "-p",
        "127.0.0.1:4000:5000",
        "-v",
        "images:/registry/data",
        "-e",
        "JDK_JAVA_OPTIONS=-XX:AOTMode=on",
        "registry");
    awaitHealthy("one");
    pushAndPull(4000);
    assertThat(engine.run("docker", "top", "one", "-o", "pid,uid,gid"))
        .containsPattern("10001 +10001");
    assertThat(engine.run("docker", "exec", "one", "jcmd", "1", "Thread.print"))
        .contains("Full thread dump");
    awaitHealthy("one");

    engine.run("docker", "stop", "--time", "120", "one");
    assertThat(engine.run("docker", "inspect", "-f", "{{.State.ExitCode}}", "one"))
        .as("ended by TERM")
        .isEqualTo("0");
    assertThat(engine.run("docker", "logs", "one")).contains("Stopping: not ready any more");
    engine.run("docker", "rm", "--volumes", "one");

    engine.run(
        "docker",
        "run",
        "-d",
        "--name",
        "two",
        "-p",
        "127.0.0.1:4000:5000",
        "-v",
        "images:/registry/data",
        "registry",
        "--registry.read-only=true");
    awaitHealthy("two");
    assertThat(
            engine.runInNetwork(
                "curl", "-fsS", "http://127.0.0.1:4000/v1/repositories/example/push-pull/tags"))
        .as("what the volume has kept, read with an option after the name of the image")
        .contains("\"v1\"");
    engine.run("docker", "rm", "--force", "--volumes", "two");
  }

  @Test
  void composeStartsARegistryWithRedisAndTwoThatShareAStoreBehindNginx() throws Exception {
    compose("up", "--detach", "--wait");
    pushAndPull(5000);

    compose("--profile", "scale", "up", "--detach", "--wait");
    pushAndPull(5001);
    assertThat(
            engine.runInNetwork(
                "curl", "-fsS", "http://127.0.0.1:5000/v1/repositories/example/push-pull/tags"))
        .as("the registry on port 5000 has a store of its own, and still answers")
        .contains("\"v1\"");
    compose("--profile", "scale", "down", "--volumes", "--timeout", "120");
    assertThat(
            engine.run(
                "docker", "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project"))
        .isEmpty();
  }

  private static void compose(String... words) throws Exception {
    Path override = directory.resolve("override.yml");
    if (!Files.exists(override)) {
      Files.writeString(override, override());
    }
    String[] command = new String[words.length + 5];
    command[0] = "docker-compose";
    command[1] = "--file";
    command[2] = "docker-compose.yml";
    command[3] = "--file";
    command[4] = override.toString();
    System.arraycopy(words, 0, command, 5, words.length);
    engine.run(
        Map.of("S3_ACCESS_KEY", S3Server.ACCESS_KEY, "S3_SECRET_KEY", S3Server.SECRET_KEY),
        command);
  }

  /** The jar that was packaged, and for what stands in for SeaweedFS the classes of the tests. */
  private static String override() {
    // On a machine that is busy, a start may take longer than the image allows.
    String build =
        "{build: {additional_contexts: {jar: \""
            + directory.resolve("jar")
            + "\"}}, healthcheck: {start_period: 5m}}";
    String classPath = System.getProperty("java.class.path");
    StringBuilder text = new StringBuilder("services:\n");
    for (String registry : new String[] {"registry", "registry-1", "registry-2"}) {
      text.append("  ").append(registry).append(": ").append(build).append('\n');
    }
    text.append("  s3:\n    environment:\n      CLASSPATH: \"").append(classPath).append("\"\n");
    text.append("    volumes:\n");
    for (String entry : classPath.split(":", -1)) {
      if (!entry.isEmpty()) {
        text.append("      - \"").append(entry).append(':').append(entry).append(":ro\"\n");
      }
    }
    return text.toString();
  }

  private static void pushAndPull(int port) throws IOException, InterruptedException {
    assertThat(engine.runInNetwork("examples/push-pull.sh", "http://127.0.0.1:" + port))
        .contains("came back byte for byte");
  }

  private static void awaitHealthy(String container) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        engine.run(
                            "docker", "inspect", "-f", "{{.State.Health.Status}}", container))
                    .isEqualTo("healthy"));
  }
}
