package io.registry.operations.migration;

import java.util.List;
import java.util.Optional;

/** Translates the environment variables of the original's launcher, gunicorn (protocol 8.4). */
final class LauncherEquivalents {
  private static final String PREFIX = "launcher.";

  private LauncherEquivalents() {}

  static void add(Translation old) {
    old.copy(PREFIX + "host", "server.address");
    port(old);
    old.copySeconds(PREFIX + "graceful_timeout", "spring.lifecycle.timeout-per-shutdown-phase");
    for (String key : List.of("workers", "silent_timeout", "opts")) {
      old.remark(PREFIX + key, "there are no workers: one process serves all, on threads");
    }
    for (String key : List.of("user", "group")) {
      old.remark(PREFIX + key, "the registry keeps the user that started it");
    }
    accessLog(old);
    file(old, "error_log_file")
        .ifPresent(file -> old.set("logging.file.name", file, PREFIX + "error_log_file"));
    old.remark(
        PREFIX + "config",
        "that file is not read: java -jar registry.jar import-config FILE prints what it comes to");
  }

  private static void accessLog(Translation old) {
    String key = PREFIX + "access_log_file";
    if (old.text(key).isPresent()) {
      old.set("registry.access-log.format", "combined", key);
      file(old, "access_log_file")
          .ifPresent(file -> old.set("registry.access-log.file", file, key));
    }
  }

  // A dash means the standard output.
  private static Optional<String> file(Translation old, String name) {
    return old.text(PREFIX + name).filter(file -> !file.equals("-"));
  }

  // A container linked to one named "registry", and each container in a namespace of Kubernetes
  // with a service of that name, has this variable, too, with a URL in it.
  private static void port(Translation old) {
    String key = PREFIX + "port";
    old.text(key)
        .ifPresent(
            port -> {
              if (port.matches("\\d{1,5}")) {
                old.copy(key, "server.port");
              } else {
                old.remark(key, "is no port");
              }
            });
  }
}
