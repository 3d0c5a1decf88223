package io.registry.check;

import io.registry.storage.StorageException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code java -jar registry.jar check}: looks through a store without serving it. */
public final class StoreCheckCommand {
  /** The first word of the command line. */
  public static final String NAME = "check";

  private static final int MISUSE = 2;
  private static final int UNFINISHED = 3;

  private StoreCheckCommand() {}

  /**
   * Runs the command. What is logged goes to the standard error, so that the report is alone on the
   * standard output.
   *
   * @param arguments what follows {@link #NAME}
   * @return the exit status: 0 when nothing is wrong, 1 when something is, 2 when the command or a
   *     setting makes no sense, 3 when the check could not be finished
   */
  public static int run(List<String> arguments) {
    PrintStream out = System.out;
    System.setOut(System.err);
    try {
      return run(arguments, out, System.err);
    } finally {
      System.setOut(out);
    }
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
      // Why was logged.
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
