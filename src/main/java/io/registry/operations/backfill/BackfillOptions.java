package io.registry.operations.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.util.unit.DataSize;

/**
 * The command line of a backfill.
 *
 * @param dryRun whether nothing is written
 * @param materialize whether layers are copied that are pointers, and nothing else is done
 * @param readLayers whether layers are read; otherwise a dry run only says how much there is to
 *     read
 * @param report where the JSON lines go; {@code -} is the standard output
 * @param rate how many bytes of layers are read in a second at most
 * @param settings the rest of the command line: the settings of the registry
 */
record BackfillOptions(
    boolean dryRun,
    boolean materialize,
    boolean readLayers,
    Optional<String> report,
    Optional<DataSize> rate,
    List<String> settings) {
  static final String USAGE =
      """
      Usage: java -jar registry.jar backfill [OPTION]... [--SETTING=VALUE]...
      Prepares each tagged image of a store for V2, so that no pull reads a layer for that.
      Settings are those of the registry. An interrupted backfill goes on when it is started again.

        --dry-run             write nothing; read the layers and say what would be served and what not
        --layers=read|skip    with --dry-run: skip says how much there is to read (default: read)
        --materialize         make each layer a file that the original can serve, and nothing else
        --report=FILE         write JSON lines to FILE, or to the standard output with -
        --rate=SIZE           read at most so many bytes of layers in a second, such as 50MB

      Exit status: 0 V2 serves all tags, 1 V2 does not serve all tags, 2 wrong use,
      3 the backfill could not be finished.
      """;

  /**
   * Reads a command line.
   *
   * @param arguments what follows the name of the command
   * @throws BackfillMisuseException when there is an option that the backfill does not have, or a
   *     value that the option cannot have
   */
  static BackfillOptions parse(List<String> arguments) {
    boolean dryRun = false;
    boolean materialize = false;
    boolean readLayers = true;
    Optional<String> report = Optional.empty();
    Optional<DataSize> rate = Optional.empty();
    List<String> settings = new ArrayList<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      String value = equals < 0 ? "" : argument.substring(equals + 1);
      switch (name) {
        case "--dry-run" -> dryRun = isFlag(argument, name);
        case "--materialize" -> materialize = isFlag(argument, name);
        case "--layers" -> readLayers = readsLayers(value);
        case "--report" -> report = Optional.of(required(name, value));
        case "--rate" -> rate = Optional.of(rate(value));
        default -> settings.add(setting(argument, name));
      }
    }
    if (!readLayers && !dryRun) {
      throw new BackfillMisuseException("--layers=skip needs --dry-run");
    }
    if (materialize && (!readLayers || rate.isPresent())) {
      throw new BackfillMisuseException("--materialize goes with --dry-run and --report only");
    }
    return new BackfillOptions(
        dryRun, materialize, readLayers, report, rate, List.copyOf(settings));
  }

  private static boolean isFlag(String argument, String name) {
    if (!argument.equals(name)) {
      throw new BackfillMisuseException(name + " takes no value");
    }
    return true;
  }

  private static boolean readsLayers(String value) {
    return switch (value) {
      case "read" -> true;
      case "skip" -> false;
      default -> throw new BackfillMisuseException("--layers is read or skip, not " + value);
    };
  }

  private static String required(String name, String value) {
    if (value.isEmpty()) {
      throw new BackfillMisuseException(name + " needs a value");
    }
    return value;
  }

  private static DataSize rate(String value) {
    try {
      DataSize rate = DataSize.parse(value);
      if (rate.toBytes() > 0) {
        return rate;
      }
    } catch (IllegalArgumentException e) {
      BackfillMisuseException misuse = misfit(value);
      misuse.initCause(e);
      throw misuse;
    }
    throw misfit(value);
  }

  private static BackfillMisuseException misfit(String value) {
    return new BackfillMisuseException("--rate is a size such as 50MB, not " + value);
  }

  // What has a dot in its name is a setting of the registry or of Spring.
  private static String setting(String argument, String name) {
    if (!argument.startsWith("--") || !name.contains(".")) {
      throw new BackfillMisuseException("There is no option " + argument);
    }
    return argument;
  }
}
