package io.registry.deployment;

import static org.awaitility.Awaitility.await;

import io.registry.testkit.ChildProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Docker daemon for the tests alone: with a directory, a network and processes of its own, so
 * that it disturbs nothing on this machine, and nothing of it is left when it is closed. It reaches
 * no other machine.
 */
final class ContainerEngine implements AutoCloseable {
  /** Far more than it takes; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final List<String> PROGRAMS =
      List.of(
          "dockerd", "docker", "docker-compose", "debootstrap", "unshare", "nsenter", "ip", "tar");

  private final Path directory;
  private final ChildProcess daemon;

  private ContainerEngine(Path directory, ChildProcess daemon) {
    this.directory = directory;
    this.daemon = daemon;
  }

  /** Why there can be none here; empty when there can. */
  static String whyNot() throws IOException, InterruptedException {
    for (String program : PROGRAMS) {
      if (status("command -v " + program) != 0) {
        return "there is no " + program + " on this machine";
      }
    }
    return status("unshare --net --mount --pid --fork --mount-proc true") == 0
        ? ""
        : "this user may not make networks: it has to be root";
  }

  private static int status(String command) throws IOException, InterruptedException {
    return new ProcessBuilder("/bin/sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; " + command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  /** Starts one that keeps everything in that directory. */
  static ContainerEngine start(Path directory) throws IOException {
    String daemon =
        "ip link set lo up && exec dockerd --host unix://%1$s/socket --data-root %1$s/data"
            + " --exec-root %1$s/exec --pidfile %1$s/pid"
            + " --default-ulimit nofile=$(ulimit -Hn):$(ulimit -Hn)";
    List<String> command =
        List.of(
            "unshare",
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "sh",
            "-c",
            "PATH=$PATH:/usr/sbin:/sbin; " + daemon.formatted(directory));
    ContainerEngine engine =
        new ContainerEngine(
            directory, new ChildProcess(command, directory, directory.resolve("log")));
    await()
        .atMost(PATIENCE)
        .until(() -> !engine.daemon.isAlive() || Files.exists(directory.resolve("pid")));
    await()
        .atMost(PATIENCE)
        .until(() -> !engine.daemon.isAlive() || engine.start("docker", "version").waitFor() == 0);
    if (!engine.daemon.isAlive()) {
      throw new IOException("dockerd does not start: " + engine.daemon.said());
    }
    return engine;
  }

  /** Runs a command of Docker's, and answers what it says; throws when it fails. */
  String run(String... command) throws IOException, InterruptedException {
    return run(Map.of(), command);
  }

  /** As above, with more variables. */
  String run(Map<String, String> variables, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = builder(List.of(command));
    builder.environment().putAll(variables);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
    return said.strip();
  }

  /** Runs a command in the network of the daemon, where published ports are, as above. */
  String runInNetwork(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add("nsenter");
    words.add("--net=/proc/" + daemon.id() + "/ns/net");
    words.addAll(List.of(command));
    return run(words.toArray(String[]::new));
  }

  private Process start(String... command) throws IOException {
    return builder(List.of(command)).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("DOCKER_HOST", "unix://" + directory.resolve("socket"));
    builder.environment().merge("PATH", "/usr/sbin", (path, more) -> path + ":" + more);
    return builder;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    try {
      run(
          "sh",
          "-c",
          "docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes");
    } finally {
      daemon.close();
    }
  }
}
