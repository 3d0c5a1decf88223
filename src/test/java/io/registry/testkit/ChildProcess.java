package io.registry.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A program that a test runs beside itself, and that never outlives the tests. */
public final class ChildProcess implements AutoCloseable {
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "end of child processes"));
  }

  private final Process process;
  private final Path log;

  /** Runs a command in a directory; what it says is appended to the log. */
  public ChildProcess(List<String> command, Path directory, Path log) throws IOException {
    this.log = log;
    this.process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    RUNNING.add(process);
  }

  /** Its number. */
  public long id() {
    return process.pid();
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has said. */
  public String said() throws IOException {
    return Files.readString(log);
  }

  /** SIGSTOP: it does nothing more until it is resumed. */
  void pause() {
    signal("STOP");
    await().until(this::isStopped);
  }

  /** SIGCONT. */
  void resume() {
    signal("CONT");
  }

  /** Waits until it is gone. Returns how it ended, as the JVM tells it. */
  int awaitEnd() {
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        throw new IllegalStateException("process " + id() + " does not end");
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return process.exitValue();
  }

  /** Sends a signal, named without {@code SIG}. */
  void signal(String name) {
    try {
      Process sent = new ProcessBuilder("sh", "-c", "kill -" + name + " " + id()).start();
      if (sent.waitFor() != 0) {
        throw new IllegalStateException("no signal " + name + " to process " + id());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  // A signal is sent before it has arrived. Only Linux tells when it has.
  private boolean isStopped() throws IOException {
    Path state = Path.of("/proc", String.valueOf(id()), "stat");
    return !Files.exists(state) || Files.readString(state).contains(") T ");
  }

  /** SIGKILL: it does nothing more, not even close its files. Returns when it is gone. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    RUNNING.remove(process);
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted", e);
  }
}
