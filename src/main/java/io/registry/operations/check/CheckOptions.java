package io.registry.operations.check;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.convert.DurationStyle;

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

  private static final Duration DEFAULT_AGE = Duration.ofHours(24);

  /** The options of an empty command line. */
  static CheckOptions defaults() {
    return new CheckOptions(
        false, true, Optional.empty(), Optional.empty(), DEFAULT_AGE, List.of());
  }

  /**
   * Parses a command line.
   *
   * @param arguments the arguments after the name of the command
   * @throws CheckMisuseException when an option is unknown or a value is invalid
   */
  static CheckOptions parse(List<String> arguments) {
    CheckOptions options = defaults();
    boolean alone = false;
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      String value = equals < 0 ? "" : argument.substring(equals + 1);
      if (name.equals("--no-writers")) {
        requireFlag(argument, name);
        alone = true;
      } else {
        options = options.with(argument, name, value);
      }
    }
    if (options.repair() && !alone) {
      throw new CheckMisuseException(
          "--repair needs --no-writers: stop all registries that write to the store first");
    }
    return options;
  }

  private CheckOptions with(String argument, String name, String value) {
    return switch (name) {
      case "--repair" -> {
        requireFlag(argument, name);
        yield new CheckOptions(true, readLayers, report, resume, olderThan, settings);
      }
      case "--layers" ->
          new CheckOptions(repair, readsLayers(value), report, resume, olderThan, settings);
      case "--report" ->
          new CheckOptions(
              repair,
              readLayers,
              Optional.of(requireValue(name, value)),
              resume,
              olderThan,
              settings);
      case "--resume" ->
          new CheckOptions(
              repair,
              readLayers,
              report,
              Optional.of(Path.of(requireValue(name, value))),
              olderThan,
              settings);
      case "--older-than" ->
          new CheckOptions(repair, readLayers, report, resume, age(value), settings);
      default -> withSetting(argument);
    };
  }

  // An option with a dot in its name is a setting of the registry or of Spring.
  private CheckOptions withSetting(String argument) {
    if (!argument.startsWith("--") || !argument.split("=", 2)[0].contains(".")) {
      throw new CheckMisuseException("There is no option " + argument);
    }
    List<String> all = new ArrayList<>(settings);
    all.add(argument);
    return new CheckOptions(repair, readLayers, report, resume, olderThan, List.copyOf(all));
  }

  private static boolean readsLayers(String value) {
    return switch (value) {
      case "verify" -> true;
      case "skip" -> false;
      default -> throw new CheckMisuseException("--layers is verify or skip, not " + value);
    };
  }

  private static Duration age(String value) {
    try {
      Duration age = DurationStyle.detectAndParse(value);
      if (!age.isNegative()) {
        return age;
      }
    } catch (IllegalArgumentException e) {
      throw misfit(value, e);
    }
    throw misfit(value, new IllegalArgumentException("it is negative"));
  }

  private static CheckMisuseException misfit(String value, IllegalArgumentException cause) {
    CheckMisuseException misuse =
        new CheckMisuseException("--older-than is a time such as 24h, not " + value);
    misuse.initCause(cause);
    return misuse;
  }

  private static void requireFlag(String argument, String name) {
    if (!argument.equals(name)) {
      throw new CheckMisuseException(name + " takes no value");
    }
  }

  private static String requireValue(String name, String value) {
    if (value.isEmpty()) {
      throw new CheckMisuseException(name + " needs a value");
    }
    return value;
  }

  /** The options that must be equal for a check to resume another one. */
  String identity() {
    return "repair=" + repair + " layers=" + readLayers + " older-than=" + olderThan;
  }
}
