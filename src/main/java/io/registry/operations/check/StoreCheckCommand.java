package io.registry.operations.check;

import io.registry.content.walk.CommandOutput;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code java -jar registry.jar check}: checks a store without serving it. */
public final class StoreCheckCommand {
  /** The name of the command. */
  public static final String NAME = "check";

  private static final int MISUSE = 2;
  private static final int UNFINISHED = 3;

  private StoreCheckCommand() {}

  /**
   * Runs the command. Log lines go to the standard error, so that the standard output has only the
   * report.
   *
   * @param arguments the arguments after {@link #NAME}
   * @return the exit status: 0 when there are no problems, 1 when there are, 2 when the command
   *     line or a setting is invalid, 3 when the check could not be completed
   */
  public static int run(List<String> arguments) {
    return CommandOutput.run((out, err) -> run(arguments, out, err));
  }

  static int run(List<String> arguments, PrintStream out, PrintStream err) {
    if (arguments.contains("--help")) {
      out.print(CheckOptions.USAGE);
      return StoreCheckRunner.FINE;
    }
    try {
      return check(CheckOptions.parse(arguments), out, err);
    } catch (CheckMisuseException e) {
      err.println(e.getMessage());
      err.print(CheckOptions.USAGE);
      return MISUSE;
    } catch (StorageException | IOException | UncheckedIOException e) {
      err.println("The check could not be finished: " + e.getMessage());
      return UNFINISHED;
    }
  }

  private static int check(CheckOptions options, PrintStream out, PrintStream err)
      throws IOException {
    ConfigurableApplicationContext context;
    try {
      context = application().run(options.settings().toArray(String[]::new));
    } catch (RuntimeException e) {
      // The cause has been logged already.
      err.println("The store could not be opened with these settings");
      return MISUSE;
    }
    try (context) {
      return context.getBean(StoreCheckRunner.class).run(options, out, err);
    }
  }

  private static SpringApplication application() {
    SpringApplication application = new SpringApplication(CheckConfiguration.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setAdditionalProfiles(CheckConfiguration.PROFILE);
    application.setBannerMode(Banner.Mode.OFF);
    application.setLogStartupInfo(false);
    return application;
  }
}
