package io.registry;

import io.registry.operations.backfill.BackfillCommand;
import io.registry.operations.check.StoreCheckCommand;
import io.registry.operations.migration.ImportConfig;
import io.registry.operations.retention.RetentionCommand;
import io.registry.operations.transfer.CopyCommand;
import io.registry.operations.transfer.ExportCommand;
import io.registry.operations.transfer.ImportCommand;
import io.registry.platform.settings.Nearest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/** Runs the commands that the command line can name instead of starting the server. */
final class Commands {
  private static final String HELP = "--help";
  private static final String VERSION = "--version";

  /** Options of Spring Boot that have no dot in their names. */
  private static final Set<String> OPTIONS = Set.of(HELP, VERSION, "--debug", "--trace");

  private static final int DONE = 0;
  private static final int MISUSED = 2;

  /**
   * A command.
   *
   * @param summary what it does, for the help text
   * @param run takes the arguments after the command's name and returns the exit status
   */
  private record Command(String summary, ToIntFunction<List<String>> run) {}

  private final Map<String, Command> all = new LinkedHashMap<>();
  private final PrintStream out;
  private final PrintStream err;

  Commands(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
    all.put(
        StoreCheckCommand.NAME,
        new Command("looks through a whole store for damage", StoreCheckCommand::run));
    all.put(
        BackfillCommand.NAME,
        new Command("prepares all images of a store for V2", new BackfillCommand()::run));
    all.put(
        ExportCommand.NAME,
        new Command(
            "writes images to an OCI layout, or an archive for docker load",
            new ExportCommand(IdleRegistry::open)::run));
    all.put(
        CopyCommand.NAME,
        new Command("pushes images to another registry", new CopyCommand(IdleRegistry::open)::run));
    all.put(
        ImportCommand.NAME,
        new Command(
            "stores images of archives, OCI layouts and other registries' folders",
            new ImportCommand(IdleRegistry::open)::run));
    all.put(
        RetentionCommand.NAME,
        new Command(
            "removes the tags that no rule of retention keeps",
            new RetentionCommand(IdleRegistry::open)::run));
    all.put(
        ImportConfig.NAME,
        new Command(
            "prints the application.yml that a config.yml of docker-registry comes to",
            new ImportConfig(System.getenv(), out, err)::run));
    all.put(
        VerifyConfig.NAME,
        new Command("checks the settings and what they name, without serving", VerifyConfig::run));
  }

  /**
   * Runs the command that the command line names.
   *
   * @return the exit status; empty when the command line names no command, so that the server is to
   *     start
   */
  OptionalInt run(List<String> arguments) {
    Optional<Command> command = arguments.stream().findFirst().map(all::get);
    if (command.isPresent()) {
      List<String> rest = arguments.subList(1, arguments.size());
      return OptionalInt.of(command.get().run().applyAsInt(rest));
    }
    if (arguments.contains(HELP)) {
      out.printf(
          """
          Usage: java -jar registry.jar [--SETTING=VALUE]...    serves the registry
                 java -jar registry.jar COMMAND [ARGUMENT]...

          Commands:
          %s
          Options:
            --help          prints this; COMMAND --help tells more of a command
            --version       prints the version

          Settings are options such as --server.port=5001, environment variables such as SERVER_PORT=5001,
          or lines of an application.yml in the working directory: see docs/configuration.md.

          """,
          summaries());
      return OptionalInt.of(DONE);
    }
    if (arguments.contains(VERSION)) {
      out.println("registry " + version());
      return OptionalInt.of(DONE);
    }
    for (String argument : arguments) {
      if (!isSetting(argument)) {
        err.println(refusal(argument));
        return OptionalInt.of(MISUSED);
      }
    }
    return OptionalInt.empty();
  }

  /** Whether an argument is one that Spring Boot reads. */
  static boolean isSetting(String argument) {
    String name = argument.replaceFirst("=.*", "");
    return argument.startsWith("--") && (name.contains(".") || OPTIONS.contains(name));
  }

  private String refusal(String argument) {
    Set<String> words = new TreeSet<>(all.keySet());
    words.addAll(OPTIONS);
    String kind = argument.startsWith("-") ? "option " : "command ";
    String name = argument.replaceFirst("=.*", "");
    return "There is no "
        + kind
        + name
        + Nearest.hint(name, words)
        + System.lineSeparator()
        + HELP
        + " lists what there is.";
  }

  private String summaries() {
    return all.entrySet().stream()
        .map(each -> "  %-15s %s%n".formatted(each.getKey(), each.getValue().summary()))
        .collect(Collectors.joining());
  }

  private static String version() {
    try {
      Properties build =
          PropertiesLoaderUtils.loadProperties(
              new ClassPathResource("META-INF/build-info.properties"));
      return build.getProperty("build.version");
    } catch (IOException e) {
      return "of unknown version";
    }
  }
}
