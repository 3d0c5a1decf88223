package io.registry.access.auth;

import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Loads the privileged keys. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PrivilegedKeyProperties.class)
class PrivilegedKeyConfiguration {

  @Bean
  PrivilegedKeys privilegedKeys(PrivilegedKeyProperties settings, Clock clock) {
    return PrivilegedKeys.load(settings, clock);
  }
}
