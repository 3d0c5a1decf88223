package io.registry.operations.backfill;

import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.MisuseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  static final Syntax SYNTAX =
      new Syntax(
          false, Set.of("--dry-run", "--materialize"), Set.of("--layers", "--report", "--rate"));

  /**
   * Reads a command line.
   *
   * @throws MisuseException when options do not go together, or one has a value that it cannot have
   */
  static BackfillOptions of(CommandLine line) {
    BackfillOptions options =
        new BackfillOptions(
            line.has("--dry-run"),
            line.has("--materialize"),
            line.choice("--layers", "read", "skip").equals("read"),
            line.value("--report"),
            line.size("--rate"),
            line.settings());
    if (!options.readLayers() && !options.dryRun()) {
      throw new MisuseException("--layers=skip needs --dry-run");
    }
    if (options.materialize() && (!options.readLayers() || options.rate().isPresent())) {
      throw new MisuseException("--materialize goes with --dry-run and --report only");
    }
    return options;
  }
}
