package io.registry.operations.check;

import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.MisuseException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The options on the command line of a check.
 *
 * @param repair whether to repair what can be repaired safely
 * @param readLayers whether to read each layer and compare it with its checksum
 * @param report where the JSON report is written; {@code -} is the standard output
 * @param resume the work folder with which an interrupted check is resumed
 * @param olderThan how long an upload may be inactive before it is reported as stuck
 * @param settings the rest of the command line: the settings of the registry
 */
record CheckOptions(
    boolean repair,
    boolean readLayers,
    Optional<String> report,
    Optional<Path> resume,
    Duration olderThan,
    List<String> settings) {
  static final String USAGE =
      """
      Usage: java -jar registry.jar check [OPTION]... [--SETTING=VALUE]...
      Looks through the whole store of a registry for damage. Settings are those of the registry.

        --layers=verify|skip  read each layer and compare it with its checksum (default: verify)
        --report=FILE         write a JSON report to FILE, or to the standard output with -
        --resume=DIR          keep in DIR how far the check is; go on from there when it was interrupted
        --older-than=TIME     uploads without change for so long are stuck (default: 24h)
        --repair              repair what is safe to repair; needs --no-writers
        --no-writers          no process writes to the store: all registries are stopped

      Exit status: 0 nothing is wrong (any more), 1 something is wrong, 2 wrong use,
      3 the check could not be finished.
      """;

  static final Syntax SYNTAX =
      new Syntax(
          false,
          Set.of("--repair", "--no-writers"),
          Set.of("--layers", "--report", "--resume", "--older-than"));

  private static final Duration DEFAULT_AGE = Duration.ofHours(24);

  /** The options of an empty command line. */
  static CheckOptions defaults() {
    return new CheckOptions(
        false, true, Optional.empty(), Optional.empty(), DEFAULT_AGE, List.of());
  }

  /**
   * Reads a command line.
   *
   * @throws MisuseException when options do not go together, or one has a value that it cannot have
   */
  static CheckOptions of(CommandLine line) {
    CheckOptions options =
        new CheckOptions(
            line.has("--repair"),
            line.choice("--layers", "verify", "skip").equals("verify"),
            line.value("--report"),
            line.value("--resume").map(Path::of),
            line.time("--older-than").orElse(DEFAULT_AGE),
            line.settings());
    if (options.repair() && !line.has("--no-writers")) {
      throw new MisuseException(
          "--repair needs --no-writers: stop all registries that write to the store first");
    }
    return options;
  }

  /** The options that must be equal for a check to resume another one. */
  String identity() {
    return "repair=" + repair + " layers=" + readLayers + " older-than=" + olderThan;
  }
}
