package io.registry.operations.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Defines the effect of each signal (protocol 8.6): see docs/operate.md. */
public final class SignalHandlers {
  private static final Logger log = LoggerFactory.getLogger(SignalHandlers.class);

  private final Drain drain;
  private final Reconfiguration settings;
  private final Capacity capacity;
  private final List<ReopenedLog> logs;
  private final boolean stopOnQuit;

  SignalHandlers(
      Drain drain,
      Reconfiguration settings,
      Capacity capacity,
      List<ReopenedLog> logs,
      boolean stopOnQuit) {
    this.drain = drain;
    this.settings = settings;
    this.capacity = capacity;
    this.logs = List.copyOf(logs);
    this.stopOnQuit = stopOnQuit;
  }

  /** Installs the handlers. Call it once, in a process that runs only the registry. */
  public void listen() {
    ProcessSignals.find().ifPresent(this::listen);
    if (stopOnQuit) {
      QuickStop.install();
    }
  }

  private void listen(ProcessSignals signals) {
    Map<String, Runnable> handlers = new LinkedHashMap<>();
    handlers.put("TERM", drain::begin);
    handlers.put("INT", drain::hurry);
    handlers.put("HUP", settings::reload);
    handlers.put("USR1", this::reopenLogs);
    handlers.put("TTIN", () -> log.info("Raised: {} concurrent requests", capacity.raise()));
    handlers.put("TTOU", () -> log.info("Lowered: {} concurrent requests", capacity.lower()));
    List<String> heard = new ArrayList<>();
    List<String> unheard = new ArrayList<>();
    handlers.forEach(
        (name, lever) -> {
          if (signals.on(name, () -> pull(name, lever))) {
            heard.add(name);
          } else {
            unheard.add(name);
          }
        });
    log.info("Listening to the signals {}", heard);
    if (!unheard.isEmpty()) {
      log.warn(
          "These signals have no effect, because they were ignored at the start or are"
              + " reserved by the JVM: {}",
          unheard);
    }
  }

  private static void pull(String name, Runnable lever) {
    // The JVM's signal thread has a class loader that knows only classes of the JDK.
    Thread.currentThread().setContextClassLoader(SignalHandlers.class.getClassLoader());
    try {
      lever.run();
    } catch (RuntimeException e) {
      log.error("The signal {} had no effect", name, e);
    }
  }

  private void reopenLogs() {
    for (ReopenedLog each : logs) {
      try {
        each.reopen().ifPresent(file -> log.info("Reopened {}", file));
      } catch (IOException e) {
        log.error("A log could not be reopened", e);
      }
    }
  }
}
