package io.registry;

import io.registry.operations.backfill.BackfillCommand;
import io.registry.operations.check.StoreCheckCommand;
import io.registry.operations.collect.CollectCommand;
import io.registry.operations.command.Command;
import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.operations.command.OfflineRegistry;
import io.registry.operations.control.SignalHandlers;
import io.registry.operations.health.VerifyConfig;
import io.registry.operations.migration.ImportConfig;
import io.registry.operations.retention.RetentionCommand;
import io.registry.operations.transfer.AdoptCommand;
import io.registry.operations.transfer.CopyCommand;
import io.registry.operations.transfer.ExportCommand;
import io.registry.operations.transfer.ImportCommand;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisReactiveHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.observation.LettuceObservationAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayEndpointAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JndiDataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.XADataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.logging.OpenTelemetryLoggingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.logging.otlp.OtlpLoggingAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.context.ApplicationContext;

/**
 * The main class: starts the registry in one process. Redis, the database and tracing are
 * configured by the packages that use them.
 */
@SpringBootApplication(
    exclude = {
      DataRedisAutoConfiguration.class,
      DataRedisHealthContributorAutoConfiguration.class,
      DataRedisReactiveAutoConfiguration.class,
      DataRedisReactiveHealthContributorAutoConfiguration.class,
      DataRedisRepositoriesAutoConfiguration.class,
      DataSourceAutoConfiguration.class,
      DataSourceHealthContributorAutoConfiguration.class,
      DataSourceInitializationAutoConfiguration.class,
      DataSourcePoolMetricsAutoConfiguration.class,
      DataSourceTransactionManagerAutoConfiguration.class,
      FlywayAutoConfiguration.class,
      FlywayEndpointAutoConfiguration.class,
      JdbcClientAutoConfiguration.class,
      JdbcTemplateAutoConfiguration.class,
      JndiDataSourceAutoConfiguration.class,
      LettuceObservationAutoConfiguration.class,
      MicrometerTracingAutoConfiguration.class,
      NoopTracerAutoConfiguration.class,
      OpenTelemetryLoggingAutoConfiguration.class,
      OpenTelemetrySdkAutoConfiguration.class,
      OpenTelemetryTracingAutoConfiguration.class,
      OtlpLoggingAutoConfiguration.class,
      OtlpTracingAutoConfiguration.class,
      TransactionAutoConfiguration.class,
      TransactionManagerCustomizationAutoConfiguration.class,
      UserDetailsServiceAutoConfiguration.class,
      WebMvcObservationAutoConfiguration.class,
      XADataSourceAutoConfiguration.class
    })
public class RegistryApplication {

  /**
   * Starts the server and returns when it accepts connections; or runs a command and ends.
   *
   * @param arguments Spring Boot's command line, for example {@code --server.port=5001}; or the
   *     name of a command and its arguments
   */
  public static void main(String[] arguments) {
    new Commands(commands(), Console.ofProcess()).run(List.of(arguments)).ifPresent(System::exit);
    ApplicationContext started = SpringApplication.run(RegistryApplication.class, arguments);
    started.getBean(SignalHandlers.class).listen();
    StartReport.log(started);
  }

  /** All commands, in the order of the help text. */
  public static List<Command> commands() {
    OfflineRegistry registry = OfflineRegistry.whole(RegistryApplication.class);
    return List.of(
        new StoreCheckCommand(),
        new BackfillCommand(),
        new ExportCommand(registry),
        new CopyCommand(registry),
        new ImportCommand(registry),
        new AdoptCommand(registry),
        new RetentionCommand(registry),
        new CollectCommand(registry),
        new ImportConfig(System.getenv()),
        new VerifyConfig(RegistryApplication.class));
  }
}
