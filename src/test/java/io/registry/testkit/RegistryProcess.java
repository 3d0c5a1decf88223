package io.registry.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The real registry in a process of its own, which can be killed. */
public final class RegistryProcess implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("Listening on http://\\S+:(\\d+)");
  private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");

  /** Root that has to obey the permissions of files. */
  private static final List<String> WITHOUT_PRIVILEGES =
      List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all");

  private static final String SMALL = "-Xmx96m";
  private static final String ALL_COMPILERS = "-XX:TieredStopAtLevel=4";

  private final Process process;
  private final StringBuilder saidAtStart = new StringBuilder();
  private final int port;
  private final Thread drain;

  private RegistryProcess(Process process, BufferedReader out) throws IOException {
    this.process = process;
    this.port = awaitPort(out);
    // A process whose output nobody takes stands still.
    this.drain = new Thread(() -> out.lines().forEach(line -> {}), "output of the registry");
    drain.setDaemon(true);
    drain.start();
  }

  /** Starts a registry on that directory, and returns when it accepts connections. */
  public static RegistryProcess start(Path store) throws IOException {
    return startWith("--registry.storage.local.path=" + store);
  }

  /** Starts a registry with that command line, and returns when it accepts connections. */
  public static RegistryProcess startWith(String... arguments) throws IOException {
    return start(List.of(), arguments);
  }

  /**
   * Starts a registry that hashes gigabytes: the first compiler does not know how to do it fast.
   */
  public static RegistryProcess startHashing(String... arguments) throws IOException {
    return start(List.of(), new String[] {SMALL, ALL_COMPILERS}, arguments);
  }

  /** Starts a registry whose system calls go to a file, which is whole after {@link #awaitEnd}. */
  public static RegistryProcess startTraced(Path trace, String... arguments) throws IOException {
    return start(SystemCalls.tracing(trace), arguments);
  }

  /** Starts a registry that may do with files what their permissions allow, also below root. */
  public static RegistryProcess startObedient(String... arguments) throws IOException {
    return start(WITHOUT_PRIVILEGES, arguments);
  }

  /** Starts a registry by a command that runs another one, for example {@code env}. */
  public static RegistryProcess startBy(List<String> command, String... arguments)
      throws IOException {
    return start(command, arguments);
  }

  /** Whether a process can be made to obey the permissions of files. */
  public static boolean canObey() throws InterruptedException {
    List<String> command = new ArrayList<>(WITHOUT_PRIVILEGES);
    command.add("true");
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static RegistryProcess start(List<String> tracing, String... arguments)
      throws IOException {
    return start(tracing, new String[] {SMALL}, arguments);
  }

  private static RegistryProcess start(List<String> tracing, String[] options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(tracing);
    command.addAll(RegistryCommand.with(options));
    command.add("--server.port=0");
    command.addAll(RegistryServer.arguments(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      return new RegistryProcess(process, process.inputReader(StandardCharsets.UTF_8));
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private int awaitPort(BufferedReader out) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        return Integer.parseInt(started.group(1));
      }
      saidAtStart.append(line).append('\n');
    }
    throw new IOException("the registry did not start: " + saidAtStart);
  }

  /** What it logged before it listened. */
  public String saidAtStart() {
    return saidAtStart.toString();
  }

  /** A client of this process. */
  public TestClient client() {
    return new TestClient(port);
  }

  /** How many bytes of the heap are in use when all garbage is gone. */
  public long liveBytes() throws IOException {
    Process histogram =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.pid()),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = histogram.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = out.lines().toList();
      return lines.stream()
          .map(TOTAL::matcher)
          .filter(Matcher::matches)
          .map(total -> Long.parseLong(total.group(1)))
          .findFirst()
          .orElseThrow(() -> new IOException("no total: " + lines));
    }
  }

  /** SIGTERM: the process ends when it has done what it has begun. */
  public void terminate() {
    // The handle does not close the stream of what the process says.
    process.toHandle().destroy();
  }

  /** SIGKILL: the process does nothing more, not even close its files. */
  public void kill() {
    // What traces a registry ends with it, when it has written all down.
    List<ProcessHandle> traced = process.descendants().toList();
    traced.forEach(ProcessHandle::destroyForcibly);
    if (traced.isEmpty()) {
      process.destroyForcibly();
    }
  }

  /** Waits until the process is gone. */
  public void awaitEnd() throws InterruptedException {
    process.waitFor();
    drain.join();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
    awaitEnd();
  }
}
