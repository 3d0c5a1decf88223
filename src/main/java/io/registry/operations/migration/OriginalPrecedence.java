package io.registry.operations.migration;

import org.apache.commons.logging.Log;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * Moves the variables of the original above the defaults in the jar, but below all other settings.
 */
final class OriginalPrecedence implements EnvironmentPostProcessor, Ordered {
  private static final String DEFAULTS = "class path resource [application";

  private final Log log;

  OriginalPrecedence(DeferredLogFactory logs) {
    this.log = logs.getLog(OriginalPrecedence.class);
  }

  @Override
  public int getOrder() {
    return ConfigDataEnvironmentPostProcessor.ORDER + 1;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    MutablePropertySources sources = environment.getPropertySources();
    if (sources.get(OriginalProperties.NAME) instanceof OriginalProperties original) {
      sources.stream()
          .map(PropertySource::getName)
          .filter(name -> name.contains(DEFAULTS))
          .findFirst()
          .ifPresent(defaults -> sources.addBefore(defaults, original));
      original.getSource().forEach((name, setting) -> log(environment, name, setting));
    }
  }

  private void log(ConfigurableEnvironment environment, String name, Setting setting) {
    boolean counts =
        environment.getPropertySources().stream()
            .takeWhile(source -> !source.getName().equals(OriginalProperties.NAME))
            .filter(
                source ->
                    !ConfigurationPropertySources.isAttachedConfigurationPropertySource(source))
            .noneMatch(source -> source.containsProperty(name));
    log.info(
        setting.origin() + " is mapped to " + name + (counts ? "" : ", which is set otherwise"));
  }
}
