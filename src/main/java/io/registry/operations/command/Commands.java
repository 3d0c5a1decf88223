package io.registry.operations.command;

import io.registry.platform.settings.Nearest;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/** Runs the command that the command line names, and says what commands there are. */
public final class Commands {
  private static final String HELP = "--help";
  private static final String VERSION = "--version";

  private final Map<String, Command> all = new LinkedHashMap<>();
  private final Console console;

  /**
   * The commands.
   *
   * @param commands all of them, in the order of the help text
   * @param console the streams of the process
   */
  public Commands(List<Command> commands, Console console) {
    commands.forEach(command -> all.put(command.name(), command));
    this.console = console;
  }

  /**
   * Runs the command that the command line names.
   *
   * @return the exit status; empty when the command line names no command, so that the server is to
   *     start
   */
  public OptionalInt run(List<String> arguments) {
    Optional<Command> command = arguments.stream().findFirst().map(all::get);
    if (command.isPresent()) {
      List<String> rest = arguments.subList(1, arguments.size());
      return OptionalInt.of(console.run(shown -> run(command.get(), rest, shown)));
    }
    if (arguments.contains(HELP)) {
      console
          .out()
          .printf(
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
      return OptionalInt.of(ExitStatus.DONE.code());
    }
    if (arguments.contains(VERSION)) {
      console.out().println("registry " + version());
      return OptionalInt.of(ExitStatus.DONE.code());
    }
    for (String argument : arguments) {
      if (!CommandLine.isSetting(argument)) {
        console.err().println(refusal(argument));
        return OptionalInt.of(ExitStatus.MISUSED.code());
      }
    }
    return OptionalInt.empty();
  }

  /**
   * Runs one command.
   *
   * @param arguments what follows the name of the command
   * @return the exit status
   */
  public static int run(Command command, List<String> arguments, Console console) {
    if (arguments.contains(HELP)) {
      console.out().print(command.usage());
      return ExitStatus.DONE.code();
    }
    ExitStatus status;
    try {
      status = command.run(CommandLine.parse(arguments, command.syntax()), console);
    } catch (MisuseException e) {
      console.err().println(e.getMessage());
      console.err().print(command.usage());
      status = ExitStatus.MISUSED;
    } catch (SettingsRefusedException e) {
      console.err().println(e.getMessage());
      status = ExitStatus.MISUSED;
    } catch (StorageException | IOException | UncheckedIOException e) {
      console
          .err()
          .println("The %s could not be finished: %s".formatted(command.name(), reason(e)));
      status = ExitStatus.UNFINISHED;
    }
    return status.code();
  }

  // The message of a missing file is its name only.
  private static String reason(Exception failure) {
    return failure instanceof FileSystemException || failure.getMessage() == null
        ? failure.toString()
        : failure.getMessage();
  }

  private String refusal(String argument) {
    Set<String> words = new TreeSet<>(all.keySet());
    words.addAll(CommandLine.SPRING_FLAGS);
    words.add(HELP);
    words.add(VERSION);
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
    return all.values().stream()
        .map(each -> "  %-15s %s%n".formatted(each.name(), each.summary()))
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
