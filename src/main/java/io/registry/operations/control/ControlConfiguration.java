package io.registry.operations.control;

import io.registry.access.auth.AuditFile;
import io.registry.access.auth.PrivilegedKeys;
import io.registry.access.auth.SignInLimits;
import jakarta.validation.Validator;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.logging.LoggerGroups;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Configures signal handling and the reload of settings. Signals have no effect before {@link
 * SignalHandlers#listen}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ShutdownProperties.class)
class ControlConfiguration {

  @Bean
  @Lazy
  SignalHandlers handlers(
      ApplicationContext context,
      ShutdownProperties shutdown,
      BegunPushes pushes,
      ConfigurableEnvironment environment,
      ObjectProvider<Reload> parts,
      Validator validator,
      Capacity capacity,
      List<ReopenedLog> logs) {
    return new SignalHandlers(
        new Drain(context, pushes, shutdown),
        new Reconfiguration(environment, parts.orderedStream().toList(), validator),
        capacity,
        logs,
        shutdown.stopOnQuit());
  }

  @Bean
  @Lazy
  ReopenedLog applicationLogFile() {
    return new ApplicationLogFile();
  }

  @Bean
  @Lazy
  ReopenedLog auditLogFile(ObjectProvider<AuditFile> audit) {
    return () -> {
      AuditFile file = audit.getIfAvailable();
      return file == null ? Optional.empty() : Optional.of(file.reopen().toString());
    };
  }

  @Bean
  @Lazy
  Reload logLevelReload(
      ConfigurableEnvironment environment, LoggingSystem logging, LoggerGroups groups) {
    return new LogLevelReload(environment, logging, groups);
  }

  @Bean
  @Lazy
  Reload keyReload(PrivilegedKeys keys) {
    return new KeyReload(keys);
  }

  @Bean
  @Lazy
  Reload signInLimitReload(SignInLimits limits) {
    return new SignInLimitReload(limits);
  }

  /** Must come before the reloads of beans that use bundles. */
  @Bean
  @Lazy
  @Order(0)
  Reload bundleReload(DefaultSslBundleRegistry bundles) {
    return new BundleReload(bundles);
  }
}
