package io.registry.ops;

import java.nio.file.Path;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Writes down where the registry tells whether it is ready, when a file is named for it. */
@Configuration(proxyBeanMethods = false)
@Conditional(OnReadinessFile.class)
@EnableConfigurationProperties(ReadinessProperties.class)
class ReadinessConfiguration {

  @Bean
  ReadinessFile readinessFile(ReadinessProperties settings, Environment environment) {
    return new ReadinessFile(Path.of(settings.file()), ReadinessAddress.of(environment));
  }
}
