package io.registry.operations.health;

import io.registry.access.auth.IndexProperties;
import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.IdleLifecycle;
import io.registry.operations.command.OfflineRegistry;
import io.registry.platform.problem.SetupException;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplication.AbandonedRunException;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/**
 * {@code java -jar registry.jar verify-config}: checks the settings by doing everything that a
 * start does, up to the moment before the server listens. It changes nothing, so a registry may run
 * with these settings meanwhile: the command neither opens the port nor writes to the database.
 */
public final class VerifyConfig implements Command {
  private static final String NAME = "verify-config";

  private static final String USAGE =
      """
      Usage: java -jar registry.jar verify-config [--SETTING=VALUE]...
      Checks the settings, and what they name: files, keys, certificates, the store, the database.

      Exit status: 0 the registry would start, 1 it would not, 2 wrong use.
      """;

  private static final String URL = "spring.datasource.url";
  private static final String USER = "spring.datasource.username";
  private static final String PASSWORD = "spring.datasource.password";
  private static final String ADMIN_PASSWORD = "registry.index.admin.password";
  private static final int PATIENCE_SECONDS = 5;
  private static final Pattern H2_FILE = Pattern.compile("jdbc:h2:(?:file:)?([./~][^;]*).*");

  private final Class<?> configuration;

  /**
   * The command.
   *
   * @param application the class that the server starts with
   */
  public VerifyConfig(Class<?> application) {
    this.configuration = application;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "checks the settings and what they name, without serving";
  }

  @Override
  public String usage() {
    return USAGE;
  }

  @Override
  public Syntax syntax() {
    return Syntax.SETTINGS;
  }

  @Override
  public ExitStatus run(CommandLine line, Console console) {
    SpringApplication application = new SpringApplication(configuration);
    application.setLogStartupInfo(false);
    // With this profile the drivers do not write to the store.
    application.setAdditionalProfiles(OfflineRegistry.PROFILE);
    application.addListeners(new Overrides());
    application.addInitializers(context -> stopBeforeServing(context, console.out()));
    try {
      application.run(line.settings().toArray(String[]::new)).close();
      throw new IllegalStateException("The registry was started");
    } catch (AbandonedRunException e) {
      return ExitStatus.DONE;
    } catch (RuntimeException e) {
      // The cause has been logged already.
      console.out().println("The registry would not start with these settings");
      return ExitStatus.PROBLEMS;
    }
  }

  private static void stopBeforeServing(ConfigurableApplicationContext context, PrintStream out) {
    context
        .getBeanFactory()
        .registerSingleton(
            AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME, new Stop(context, out));
  }

  /** Stops the start when all beans exist and before any of them begins to work. */
  private static final class Stop extends IdleLifecycle {
    private final ConfigurableApplicationContext context;
    private final PrintStream out;

    Stop(ConfigurableApplicationContext context, PrintStream out) {
      this.context = context;
      this.out = out;
    }

    @Override
    public void onRefresh() {
      BlobStorage storage = context.getBean(BlobStorage.class);
      try {
        storage.probe();
      } catch (StorageException e) {
        throw new SetupException(
            "The store cannot be used: " + e.getMessage(),
            "Check the settings below registry.storage, and who may use what they name",
            e);
      }
      if (context.getBeanProvider(DataSource.class).stream().findAny().isPresent()) {
        // The real data source's settings are visible again once the overrides are removed.
        context.getEnvironment().getPropertySources().remove(NAME);
        requireDatabase(context.getEnvironment());
      }
      out.printf(
          "The registry would start: store %s, mode %s, port %s%n",
          storage.describe(),
          context.getBean(IndexProperties.class).mode().name().toLowerCase(Locale.ROOT),
          context.getEnvironment().getProperty("server.port"));
      throw new AbandonedRunException();
    }

    private static void requireDatabase(Environment settings) {
      String url = settings.getProperty(URL, "");
      Matcher file = H2_FILE.matcher(url);
      if (file.matches()) {
        requireFolder(Path.of(file.group(1)).toAbsolutePath().normalize());
        return;
      }
      DriverManager.setLoginTimeout(PATIENCE_SECONDS);
      try (Connection connection =
          DriverManager.getConnection(
              url, settings.getProperty(USER, ""), settings.getProperty(PASSWORD, ""))) {
        if (!connection.isValid(PATIENCE_SECONDS)) {
          throw new SQLException("it does not answer");
        }
      } catch (SQLException e) {
        throw new SetupException(
            URL + ": the database cannot be used: " + e.getMessage(),
            "Check spring.datasource.url, .username and .password, and whether the server runs",
            e);
      }
    }

    // Only the folder is checked: a running registry may have the file open.
    private static void requireFolder(Path file) {
      Path folder = file;
      while (!Files.exists(folder)) {
        folder = Optional.ofNullable(folder.getParent()).orElseThrow();
      }
      if (!Files.isWritable(folder)) {
        throw new SetupException(
            URL + ": no file can be made at " + file + ", because " + folder + " is not writable",
            "Let the user of the registry write there, or name another place");
      }
    }
  }

  /** Replaces the database by an empty one in memory, and disables the log file. */
  private static final class Overrides
      implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
    @Override
    public int getOrder() {
      return LoggingApplicationListener.DEFAULT_ORDER - 1;
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
      String admin = event.getEnvironment().getProperty(ADMIN_PASSWORD, "");
      Map<String, Object> settings =
          Map.of(
              URL,
              "jdbc:h2:mem:%s;MODE=PostgreSQL;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID()),
              USER,
              "sa",
              PASSWORD,
              "",
              "spring.datasource.driver-class-name",
              "",
              "logging.file.name",
              "",
              // Without a value, a password would be generated and printed that belongs to no
              // account.
              ADMIN_PASSWORD,
              admin.isEmpty() ? UUID.randomUUID().toString() : admin);
      event.getEnvironment().getPropertySources().addFirst(new MapPropertySource(NAME, settings));
    }
  }
}
