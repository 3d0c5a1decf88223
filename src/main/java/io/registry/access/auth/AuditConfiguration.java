package io.registry.access.auth;

import io.registry.platform.json.JsonCodec;
import java.nio.file.Path;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Configures the audit: publishes its events and writes them to the log. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AuditProperties.class)
class AuditConfiguration {

  @Bean
  Audit audit(ApplicationEventPublisher events, AuditProperties settings, Clock clock) {
    return new Audit(events, settings.repeatAfter(), clock);
  }

  @Bean
  @Conditional(OnAuditFile.class)
  AuditFile auditFile(AuditProperties settings, JsonCodec codec) {
    return new AuditFile(Path.of(settings.file()), codec);
  }

  @Bean
  AuditLog auditLog() {
    return new AuditLog();
  }
}
