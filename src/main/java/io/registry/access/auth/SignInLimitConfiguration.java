package io.registry.access.auth;

import io.github.bucket4j.TimeMeter;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Configures the limits of sign-ins. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SignInLimitProperties.class)
class SignInLimitConfiguration {

  @Bean
  SignInLimits signInLimits(SignInLimitProperties settings) {
    return new SignInLimits(settings, TimeMeter.SYSTEM_NANOTIME);
  }
}
