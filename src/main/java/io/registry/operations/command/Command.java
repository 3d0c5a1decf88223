package io.registry.operations.command;

import io.registry.operations.command.CommandLine.Syntax;
import java.io.IOException;

/** A command that the command line can name instead of starting the server. */
public interface Command {

  /** The first word of the command line. */
  String name();

  /** What the command does, in a few words, for the list of commands. */
  String summary();

  /** The text that {@code --help} prints, with a line feed at its end. */
  String usage();

  /** The options that the command has. */
  Syntax syntax();

  /**
   * Runs the command.
   *
   * @param line the arguments after the name
   * @param console the streams of the process
   * @throws MisuseException when the command line makes no sense: the usage follows the message
   * @throws SettingsRefusedException when nothing can be opened with the settings
   * @throws IOException when the command could not be finished; as with an {@link
   *     java.io.UncheckedIOException} or a {@link io.registry.storage.StorageException}
   */
  ExitStatus run(CommandLine line, Console console) throws IOException;
}
