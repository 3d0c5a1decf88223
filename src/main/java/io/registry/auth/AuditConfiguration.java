package io.registry.auth;

import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
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
  AuditLog auditLog() {
    return new AuditLog();
  }
}
