package io.registry.web.v2;

import static io.registry.web.v2.V2Stage.PASSWORD;
import static io.registry.web.v2.V2Stage.basic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.testkit.RegistryServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real clients log in and pull, as far as they are installed. */
@Tag("external")
@Timeout(300)
class V2LoginClientsTest {
  @TempDir private static Path folder;

  private static RegistryServer server;
  private static String host;

  /** What a command printed, and how it ended. */
  private record Run(int status, String output) {
    Run succeeds() {
      assertThat(status).as(output).isZero();
      return this;
    }

    Run fails() {
      assertThat(status).as(output).isNotZero();
      return this;
    }
  }

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"), V2Stage.accounts("v2-clients").toArray(String[]::new));
    host = "127.0.0.1:" + server.port();
    for (String name : List.of("alice", "bob")) {
      server.bean(Accounts.class).create(new NewAccount(name, PASSWORD, "", false));
    }
    String[] alice = basic("alice", PASSWORD);
    V2Stage.push(server, "alice/hidden", alice);
    V2Stage.push(server, "alice/shown", alice);
    V2Stage.setVisibility(server, "alice/shown", "public", alice);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void assumeInstalled(String command) {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(each -> Files.isExecutable(Path.of(each, command))),
        command + " is not installed");
  }

  private static Run run(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "run", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    // What one client remembers of a login, others find there too.
    String home = folder.resolve("home of " + command[0]).toString();
    builder.environment().put("HOME", home);
    builder.environment().put("DOCKER_CONFIG", home);
    builder.environment().put("XDG_RUNTIME_DIR", home);
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(100, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return new Run(-1, "no end of " + List.of(command) + ": " + Files.readString(output));
    }
    return new Run(process.exitValue(), Files.readString(output));
  }

  @Test
  void skopeo() throws IOException, InterruptedException {
    assumeInstalled("skopeo");
    String file = folder.resolve("skopeo.json").toString();
    String insecure = "--src-tls-verify=false";
    run("skopeo", "copy", insecure, docker("shown"), directory("skopeo-anonymous")).succeeds();
    run("skopeo", "copy", insecure, docker("hidden"), directory("none")).fails();
    run(
            "skopeo",
            "copy",
            insecure,
            "--src-creds=alice:" + PASSWORD,
            docker("hidden"),
            directory("skopeo-creds"))
        .succeeds();
    run(
            "skopeo",
            "copy",
            insecure,
            "--src-creds=bob:" + PASSWORD,
            docker("hidden"),
            directory("none"))
        .fails();

    login(file, "wrong").fails();
    login(file, PASSWORD).succeeds();
    // Logged in, what is public is pulled as before.
    for (String name : List.of("hidden", "shown")) {
      run(
              "skopeo",
              "copy",
              insecure,
              "--src-authfile=" + file,
              docker(name),
              directory("skopeo-" + name))
          .succeeds();
    }
    assertThat(
            run(
                    "skopeo",
                    "list-tags",
                    "--tls-verify=false",
                    "--authfile=" + file,
                    "docker://" + host + "/alice/hidden")
                .succeeds()
                .output())
        .contains("\"v1\"");
  }

  private static Run login(String file, String password) throws IOException, InterruptedException {
    return run(
        "skopeo",
        "login",
        "--tls-verify=false",
        "--authfile=" + file,
        "--username=alice",
        "--password=" + password,
        host);
  }

  private static String docker(String name) {
    return "docker://" + host + "/alice/" + name + ":v1";
  }

  private static String directory(String name) {
    return "dir:" + folder.resolve(name);
  }

  @Test
  void oras() throws IOException, InterruptedException {
    assumeInstalled("oras");
    String config = "--registry-config=" + folder.resolve("oras.json");
    String hidden = host + "/alice/hidden:v1";
    run("oras", "manifest", "fetch", "--plain-http", config, hidden).fails();
    orasLogin(config, "wrong").fails();
    orasLogin(config, PASSWORD).succeeds();

    for (String name : List.of("hidden", "shown")) {
      assertThat(
              run(
                      "oras",
                      "manifest",
                      "fetch",
                      "--plain-http",
                      config,
                      host + "/alice/" + name + ":v1")
                  .succeeds()
                  .output())
          .contains("\"layers\"");
    }
    assertThat(run("oras", "repo", "ls", "--plain-http", config, host).succeeds().output())
        .contains("alice/hidden", "alice/shown");
    assertThat(
            run("oras", "repo", "tags", "--plain-http", config, host + "/alice/hidden")
                .succeeds()
                .output())
        .contains("v1");
    run(
            "oras",
            "cp",
            "--from-plain-http",
            "--from-registry-config=" + folder.resolve("oras.json"),
            "--to-oci-layout",
            hidden,
            folder.resolve("oras-layout") + ":v1")
        .succeeds();
  }

  private static Run orasLogin(String config, String password)
      throws IOException, InterruptedException {
    return run(
        "oras",
        "login",
        "--plain-http",
        config,
        "--username=alice",
        "--password=" + password,
        host);
  }

  @Test
  void podman() throws IOException, InterruptedException {
    assumeInstalled("podman");
    podman("pull", "--tls-verify=false", host + "/alice/shown:v1").succeeds();
    podman("pull", "--tls-verify=false", host + "/alice/hidden:v1").fails();
    podman(
            "login",
            "--tls-verify=false",
            "--authfile=" + folder.resolve("podman.json"),
            "--username=alice",
            "--password=" + PASSWORD,
            host)
        .succeeds();
    podman(
            "pull",
            "--tls-verify=false",
            "--authfile=" + folder.resolve("podman.json"),
            host + "/alice/hidden:v1")
        .succeeds();
    podman("pull", "--tls-verify=false", "--creds=bob:" + PASSWORD, host + "/alice/hidden:v1")
        .fails();
  }

  private static Run podman(String... arguments) throws IOException, InterruptedException {
    return run(
        Stream.concat(
                Stream.of(
                    "podman",
                    "--storage-driver=vfs",
                    "--root=" + folder.resolve("podman"),
                    "--runroot=" + folder.resolve("podman-run")),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  @Test
  void containerd() throws IOException, InterruptedException {
    assumeInstalled("containerd");
    assumeInstalled("ctr");
    Path socket = folder.resolve("containerd.sock");
    Process daemon =
        daemon(
            "containerd",
            socket,
            "containerd",
            "--root=" + folder.resolve("containerd"),
            "--state=" + folder.resolve("containerd-state"),
            "--address=" + socket);
    try {
      ctr(socket, "hidden").fails();
      ctr(socket, "shown").succeeds();
      ctr(socket, "hidden", "--user=alice:wrong").fails();
      ctr(socket, "hidden", "--user=bob:" + PASSWORD).fails();
      // It posts the password, for a token (OAuth2 for Docker).
      ctr(socket, "hidden", "--user=alice:" + PASSWORD).succeeds();
      ctr(socket, "shown", "--user=bob:" + PASSWORD).succeeds();
    } finally {
      end(daemon);
    }
  }

  private static Run ctr(Path socket, String name, String... more)
      throws IOException, InterruptedException {
    return run(
        Stream.of(
                Stream.of("ctr", "--address=" + socket, "content", "fetch", "--plain-http"),
                Stream.of(more),
                Stream.of(host + "/alice/" + name + ":v1"))
            .flatMap(each -> each)
            .toArray(String[]::new));
  }

  @Test
  void docker() throws IOException, InterruptedException {
    assumeInstalled("dockerd");
    assumeInstalled("docker");
    Path socket = folder.resolve("docker.sock");
    Process daemon =
        daemon(
            "dockerd",
            socket,
            "dockerd",
            "--host=unix://" + socket,
            "--data-root=" + folder.resolve("dockerd"),
            "--exec-root=" + folder.resolve("dockerd-run"),
            "--pidfile=" + folder.resolve("dockerd.pid"),
            "--storage-driver=vfs",
            "--iptables=false",
            "--ip6tables=false",
            "--bridge=none");
    try {
      docker(socket, "pull", host + "/alice/shown:v1").succeeds();
      docker(socket, "pull", host + "/alice/hidden:v1").fails();
      docker(socket, "login", "--username=alice", "--password=wrong", host).fails();
      docker(socket, "login", "--username=alice", "--password=" + PASSWORD, host).succeeds();
      docker(socket, "pull", host + "/alice/hidden:v1").succeeds();
      docker(socket, "rmi", host + "/alice/shown:v1").succeeds();
      docker(socket, "pull", host + "/alice/shown:v1").succeeds();
    } finally {
      end(daemon);
    }
  }

  private static Run docker(Path socket, String... arguments)
      throws IOException, InterruptedException {
    return run(
        Stream.concat(Stream.of("docker", "--host=unix://" + socket), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private static Process daemon(String name, Path socket, String... command) throws IOException {
    Path log = folder.resolve(name + ".log");
    Process daemon =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    boolean up = false;
    try {
      await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(socket) || !daemon.isAlive());
      up = daemon.isAlive();
    } finally {
      if (!up) {
        daemon.destroyForcibly();
      }
    }
    assumeTrue(up, () -> name + " cannot run here: " + tail(log));
    return daemon;
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.subList(Math.max(0, lines.size() - 3), lines.size()).toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void end(Process daemon) throws InterruptedException {
    daemon.destroy();
    if (!daemon.waitFor(30, TimeUnit.SECONDS)) {
      daemon.destroyForcibly().waitFor();
    }
  }
}
