package io.registry.operations.check;

import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.OfflineRegistry;
import java.io.IOException;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code java -jar registry.jar check}: checks a store without serving it. */
public final class StoreCheckCommand implements Command {
  static final String NAME = "check";

  private static final OfflineRegistry STORE = OfflineRegistry.storeOnly(CheckConfiguration.class);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "looks through a whole store for damage";
  }

  @Override
  public String usage() {
    return CheckOptions.USAGE;
  }

  @Override
  public Syntax syntax() {
    return CheckOptions.SYNTAX;
  }

  @Override
  public ExitStatus run(CommandLine line, Console console) throws IOException {
    CheckOptions options = CheckOptions.of(line);
    try (ConfigurableApplicationContext context = STORE.open(options.settings())) {
      return context.getBean(StoreCheckRunner.class).run(options, console);
    }
  }
}
