package io.registry.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * A real Redis in a process of its own, which can be paused, killed, and set back to what it once
 * saved. It writes nothing to disk unless it is told to.
 */
public final class RedisServer implements AutoCloseable {
  /** Far more than any test needs; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Duration POLL = Duration.ofMillis(10);

  /** Others may take a free port before the server does. */
  private static final int ATTEMPTS = 5;

  private final Path directory;
  private final int port;
  private final RedisAccess access;
  private final List<String> command;
  private ChildProcess process;

  private RedisServer(Path directory, int port, RedisAccess access, List<String> command)
      throws IOException {
    this.directory = directory;
    this.port = port;
    this.access = access;
    this.command = command;
    this.process = launch();
  }

  /**
   * Starts a server.
   *
   * @param options as on the command line of redis-server, like {@code "--maxmemory", "4mb"}
   */
  public static RedisServer start(String... options) {
    return start(RedisAccess.open(), List.of(options));
  }

  /**
   * Starts a server which refuses everybody but this user.
   *
   * @param aclRules what the user may do, like {@code "~registry:*", "+@read"}; everything if none
   */
  public static RedisServer startWithUser(String user, String password, String... aclRules) {
    return start(RedisAccess.user(user, password, List.of(aclRules)), List.of());
  }

  /** Starts a server whose port speaks TLS only, with a certificate that it signed itself. */
  public static RedisServer startWithTls() {
    return with(directory -> start(directory, RedisAccess.tls(directory), List.of()));
  }

  /** Whether the redis-server of this machine can do TLS. */
  public static boolean hasTls() {
    return RedisBinary.hasTls();
  }

  /** Starts a replica of this server, and returns when it has what this one has. */
  public RedisServer startReplica() {
    List<String> options = new ArrayList<>(List.of("--replicaof", host(), String.valueOf(port)));
    options.addAll(access.replicaOptions());
    RedisServer replica = start(access, options);
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(POLL)
          .until(() -> replica.run("INFO", "replication").contains("master_link_status:up"));
    } catch (RuntimeException e) {
      replica.close();
      throw e;
    }
    return replica;
  }

  private static RedisServer start(RedisAccess access, List<String> options) {
    return with(directory -> start(directory, access, options));
  }

  private interface Start {
    RedisServer in(Path directory) throws IOException;
  }

  private static RedisServer with(Start start) {
    try {
      Path directory = Files.createTempDirectory("redis");
      try {
        return start.in(directory);
      } catch (IOException | RuntimeException e) {
        FileSystemUtils.deleteRecursively(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RedisServer start(Path directory, RedisAccess access, List<String> options)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      int port = freePort();
      try {
        return new RedisServer(
            directory, port, access, commandLine(directory, port, access, options));
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static List<String> commandLine(
      Path directory, int port, RedisAccess access, List<String> options) {
    List<String> line = new ArrayList<>(List.of(RedisBinary.path().toString()));
    line.addAll(List.of("--bind", "127.0.0.1", "--dir", directory.toString()));
    line.addAll(List.of("--save", "", "--appendonly", "no"));
    // Replicas are fed without a file, which could be taken for something that was saved.
    line.addAll(List.of("--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"));
    line.addAll(
        access.encrypted()
            ? List.of("--port", "0", "--tls-port", String.valueOf(port))
            : List.of("--port", String.valueOf(port)));
    line.addAll(access.options());
    line.addAll(options);
    return line;
  }

  /**
   * A port on which nobody listens, nor 10000 above, where a member of a cluster meets the others.
   * Systems take the ports of outgoing connections from higher up: one of these, while the server
   * is down, would connect to itself.
   */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 22_000);
      if (isFree(port) && isFree(port + 10_000)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private ChildProcess launch() throws IOException {
    ChildProcess started =
        new ChildProcess(command, directory, directory.resolve("redis-server.log"));
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(POLL)
          .until(() -> !started.isAlive() || answers(started));
      if (!started.isAlive()) {
        throw new IOException("redis-server has ended: " + started.said());
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  private boolean answers(ChildProcess started) {
    try {
      // Somebody else may have been faster to take the port.
      return run("PING").equals("PONG")
          && run("INFO", "server").contains("process_id:" + started.id() + "\r\n");
    } catch (UncheckedIOException | IllegalStateException e) {
      // Not yet, or it is still loading what it saved.
      return false;
    }
  }

  public String host() {
    return "127.0.0.1";
  }

  public int port() {
    return port;
  }

  /** What makes the registry use this server. */
  public String[] arguments() {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--spring.profiles.active=redis",
                "--spring.data.redis.host=" + host(),
                "--spring.data.redis.port=" + port));
    arguments.addAll(access.springArguments());
    return arguments.toArray(String[]::new);
  }

  /** It stands still: connections are accepted, but nobody answers. */
  public void pause() {
    process.pause();
  }

  /** It goes on after a pause, with what it was sent meanwhile. */
  public void resume() {
    process.resume();
  }

  /** It is gone at once, without saving anything. */
  public void kill() {
    process.close();
  }

  /** After it was killed: it starts on the same port with what it last saved, if it ever did. */
  public void startAgain() {
    if (process.isAlive()) {
      throw new IllegalStateException("it still runs");
    }
    try {
      process = launch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** It writes down what it has now; that is what it has again when it is killed and restarted. */
  public void save() {
    run("SAVE");
  }

  /** Whether its process runs, be it paused. */
  public boolean isRunning() {
    return process.isAlive();
  }

  /**
   * Sends a command.
   *
   * @return the reply as text: the elements of an array are separated by line ends, and nothing is
   *     {@code (nil)}
   * @throws IllegalStateException if the reply is an error
   */
  public String run(String... command) {
    return RedisConnection.text(call(connection -> connection.call(command)));
  }

  /** Sets the key to anything. */
  public void set(String key, byte[] value) {
    call(bytes("SET"), bytes(key), value);
  }

  /** Sets the field of a hash to anything. */
  public void hset(String key, String field, byte[] value) {
    call(bytes("HSET"), bytes(key), bytes(field), value);
  }

  /** The fields of a hash; none if there is no such key. */
  public Map<String, byte[]> hgetAll(String key) {
    Map<String, byte[]> hash = new LinkedHashMap<>();
    List<?> fields = list("HGETALL", key);
    for (int i = 0; i < fields.size(); i += 2) {
      hash.put(RedisConnection.text(fields.get(i)), (byte[]) fields.get(i + 1));
    }
    return hash;
  }

  /** All keys, sorted. */
  public List<String> keys() {
    return list("KEYS", "*").stream().map(RedisConnection::text).sorted().toList();
  }

  private List<?> list(String... command) {
    return call(connection -> connection.call(command)) instanceof List<?> list ? list : List.of();
  }

  /**
   * The commands that clients sent while this ran, in the order in which they were carried out,
   * each as its name in capitals and its arguments, with blanks between them. Bytes that are not
   * ASCII look like {@code \x00}. What a script did is left out: it was one command, the script's.
   */
  public List<String> commands(Runnable during) {
    List<String> commands = new ArrayList<>();
    call(
        monitor -> {
          monitor.call("MONITOR");
          awaitMark(monitor, new ArrayList<>());
          during.run();
          awaitMark(monitor, commands);
          return null;
        });
    return commands;
  }

  // The server carries out commands one after the other: what was sent before the mark is before
  // it.
  private void awaitMark(RedisConnection monitor, List<String> before) throws IOException {
    String mark = UUID.randomUUID().toString();
    run("ECHO", mark);
    while (true) {
      String line = RedisConnection.text(monitor.read());
      if (line.contains(mark)) {
        return;
      }
      if (!line.substring(0, line.indexOf(']')).endsWith(" lua")) {
        before.add(plain(line));
      }
    }
  }

  // Not by a pattern: that would need a stack as deep as an argument is long.
  private static String plain(String line) {
    List<String> words = new ArrayList<>();
    int at = line.indexOf('"');
    while (at >= 0) {
      int start = at + 1;
      for (at = start; line.charAt(at) != '"'; at++) {
        if (line.charAt(at) == '\\') {
          at++;
        }
      }
      words.add(line.substring(start, at).replace("\\\"", "\""));
      at = line.indexOf('"', at + 1);
    }
    words.set(0, words.get(0).toUpperCase(Locale.ROOT));
    return String.join(" ", words);
  }

  /** Does something over a connection of its own, which the test kit has logged in. */
  interface Exchange {
    @Nullable Object over(RedisConnection connection) throws IOException;
  }

  private @Nullable Object call(byte[]... command) {
    return call(connection -> connection.call(command));
  }

  private @Nullable Object call(Exchange exchange) {
    try (RedisConnection connection = connect(PATIENCE)) {
      return exchange.over(connection);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A connection on which no answer may take longer than that. */
  RedisConnection connect(Duration patience) throws IOException {
    RedisConnection connection = new RedisConnection(access.sockets(), port, patience);
    if (!access.login().isEmpty()) {
      connection.call("AUTH", access.login().get(0), access.login().get(1));
    }
    return connection;
  }

  private static byte[] bytes(String text) {
    return RedisConnection.bytes(text);
  }

  /** The process ends, and its directory goes. */
  @Override
  public void close() {
    process.close();
    try {
      FileSystemUtils.deleteRecursively(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
