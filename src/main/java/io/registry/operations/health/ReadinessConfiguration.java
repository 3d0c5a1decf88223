package io.registry.operations.health;

import java.nio.file.Path;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Configures the readiness file, if the settings name one. */
@Configuration(proxyBeanMethods = false)
@Conditional(OnReadinessFile.class)
@EnableConfigurationProperties(ReadinessProperties.class)
class ReadinessConfiguration {

  @Bean
  ReadinessFile readinessFile(ReadinessProperties settings, Environment environment) {
    return new ReadinessFile(Path.of(settings.file()), ReadinessAddress.of(environment));
  }
}
