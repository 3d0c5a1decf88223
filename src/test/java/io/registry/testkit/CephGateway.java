package io.registry.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * A RADOS gateway, an S3 server that is independent of all others in the tests: with a Ceph of one
 * monitor and one OSD, which keeps the objects in memory. The tests of this process share one,
 * which ends with it.
 */
public final class CephGateway {
  public static final String ACCESS_KEY = "test-access-key";
  public static final String SECRET_KEY = "test-secret-key";

  private static final List<String> PROGRAMS =
      List.of("ceph", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Others may take a free port before the server does. */
  private static final int ATTEMPTS = 3;

  private final URI endpoint;

  private CephGateway(URI endpoint) {
    this.endpoint = endpoint;
  }

  private static final class Shared {
    private static final CephGateway GATEWAY = start();

    private Shared() {}
  }

  /** Whether this machine has the programs: packages radosgw, ceph-mon and ceph-osd. */
  public static boolean isInstalled() {
    return PROGRAMS.stream().allMatch(program -> Files.isExecutable(Path.of("/usr/bin", program)))
        && Files.isDirectory(classes());
  }

  /** The gateway of this process, started when it is asked for the first time. */
  public static CephGateway shared() {
    return Shared.GATEWAY;
  }

  public URI endpoint() {
    return endpoint;
  }

  private static CephGateway start() {
    try {
      Path directory = Files.createTempDirectory("ceph");
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> FileSystemUtils.deleteRecursively(directory.toFile()), "end of Ceph"));
      for (int attempt = 1; ; attempt++) {
        try {
          return start(Files.createDirectory(directory.resolve("" + attempt)));
        } catch (IOException | RuntimeException e) {
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CephGateway start(Path directory) throws IOException {
    int monitorPort = RedisServer.freePort();
    int port = RedisServer.freePort();
    String cluster = UUID.randomUUID().toString();
    String osd = UUID.randomUUID().toString();
    for (String name : List.of("run", "mon", "osd")) {
      Files.createDirectory(directory.resolve(name));
    }
    Files.writeString(
        directory.resolve("ceph.conf"), configuration(directory, cluster, monitorPort, port));
    List<ChildProcess> daemons = new ArrayList<>();
    boolean started = false;
    try {
      run(
          directory,
          "monmaptool",
          "--create",
          "--fsid",
          cluster,
          "--addv",
          "a",
          "[v2:127.0.0.1:" + monitorPort + "]",
          "monmap");
      Files.writeString(
          directory.resolve("keyring"),
          "[mon.]\nkey = AQAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAA==\ncaps mon = \"allow *\"\n");
      run(directory, "ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring");
      daemons.add(daemon(directory, "ceph-mon", "-i", "a"));
      run(directory, "ceph", "--connect-timeout", "60", "osd", "new", osd);
      run(directory, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd);
      daemons.add(daemon(directory, "ceph-osd", "-i", "0"));
      await()
          .atMost(PATIENCE)
          .pollInterval(POLL)
          .until(() -> run(directory, "ceph", "osd", "stat").contains("1 up"));
      run(
          directory,
          "radosgw-admin",
          "user",
          "create",
          "--uid=registry",
          "--display-name=registry",
          "--access-key=" + ACCESS_KEY,
          "--secret-key=" + SECRET_KEY,
          "--max-buckets=100000");
      ChildProcess gateway = daemon(directory, "radosgw", "-n", "client.rgw.a");
      daemons.add(gateway);
      URI endpoint = URI.create("http://127.0.0.1:" + port);
      await()
          .atMost(PATIENCE)
          .pollInterval(POLL)
          .until(() -> !gateway.isAlive() || answers(endpoint));
      if (!gateway.isAlive()) {
        throw new IOException("radosgw has ended: " + gateway.said());
      }
      started = true;
      return new CephGateway(endpoint);
    } finally {
      if (!started) {
        daemons.forEach(ChildProcess::close);
      }
    }
  }

  private static ChildProcess daemon(Path directory, String program, String... options)
      throws IOException {
    return new ChildProcess(
        command(program, Stream.concat(Stream.of(options), Stream.of("-f"))),
        directory,
        directory.resolve(program + ".out"));
  }

  private static List<String> command(String program, Stream<String> options) {
    return Stream.concat(Stream.of(program, "-c", "ceph.conf"), options).toList();
  }

  /** Runs a program to its end, and answers what it has said. */
  private static String run(Path directory, String program, String... options) throws IOException {
    List<String> command =
        program.equals("monmaptool")
            ? Stream.concat(Stream.of(program), Stream.of(options)).toList()
            : command(program, Stream.of(options));
    Path log = directory.resolve("commands.out");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      String said = Files.readString(log);
      if (!ended || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + " failed: " + said);
      }
      return said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean answers(URI endpoint) {
    try {
      HttpURLConnection connection = (HttpURLConnection) endpoint.toURL().openConnection();
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    }
  }

  private static Path classes() {
    try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
      return folders
          .map(folder -> folder.resolve("rados-classes"))
          .filter(folder -> Files.exists(folder.resolve("libcls_rgw.so")))
          .findFirst()
          .orElse(Path.of("/usr/lib/rados-classes"));
    } catch (IOException e) {
      return Path.of("/usr/lib/rados-classes");
    }
  }

  // One copy of everything, nothing that costs time, and no authentication between the parts.
  private static String configuration(Path directory, String cluster, int monitorPort, int port) {
    return """
        [global]
        fsid = %2$s
        run dir = %1$s/run
        crash dir = %1$s/run
        admin socket = %1$s/run/$name.asok
        pid file =
        log file = %1$s/$name.log
        mon cluster log file = %1$s/cluster.log
        keyring = %1$s/keyring
        mon data = %1$s/mon
        osd data = %1$s/osd
        mon host = v2:127.0.0.1:%3$d
        mon initial members = a
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        ms bind msgr1 = false
        ms mon client mode = crc
        auth cluster required = none
        auth service required = none
        auth client required = none
        mon allow pool size one = true
        mon max pg per osd = 1000
        mon data avail warn = 1
        mon data avail crit = 1
        paxos propose interval = 0.05
        paxos min wait = 0.01
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 1
        osd pool default pgp num = 1
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        osd objectstore = memstore
        memstore device bytes = 4294967296
        osd memory target = 939524096
        osd class dir = %5$s
        osd class load list = *
        osd class default list = *
        rgw frontends = beast endpoint=127.0.0.1:%4$d
        rgw thread pool size = 64
        rgw gc obj min wait = 60
        rgw gc processor period = 20
        """
        .formatted(directory, cluster, monitorPort, port, classes());
  }
}
