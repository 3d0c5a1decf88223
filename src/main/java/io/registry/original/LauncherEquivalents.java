package io.registry.original;

import java.util.List;

/** What the program that started the original was told by variables (protocol 8.4). */
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
    for (String key : List.of("access_log_file", "error_log_file")) {
      old.remark(PREFIX + key, "the log goes to the standard output; see logging.file.name");
    }
    old.remark(
        PREFIX + "config",
        "that file is not read: java -jar registry.jar import-config FILE prints what it comes to");
  }

  // A container that is linked to one named "registry", and each in a namespace of Kubernetes with
  // a service of that name, has the variable too, with a URL in it.
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
