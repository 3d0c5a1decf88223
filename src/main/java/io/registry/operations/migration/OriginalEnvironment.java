package io.registry.operations.migration;

import io.registry.platform.problem.SetupException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.logging.Log;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Applies the environment variables of the original, and what the official image of Distribution is
 * configured with, with lower precedence than all settings of this registry. It runs before
 * configuration files are read, because the variables may choose the store, and thereby a profile.
 */
final class OriginalEnvironment implements EnvironmentPostProcessor, Ordered {
  private final Log log;

  OriginalEnvironment(DeferredLogFactory logs) {
    this.log = logs.getLog(OriginalEnvironment.class);
  }

  @Override
  public int getOrder() {
    return ConfigDataEnvironmentPostProcessor.ORDER - 1;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    Map<String, String> variables = new LinkedHashMap<>();
    environment
        .getSystemEnvironment()
        .forEach((name, value) -> variables.put(name, String.valueOf(value)));
    OriginalVariables original = read(variables);
    DistributionImage image = distribution(variables);
    Map<String, String> remarks = new LinkedHashMap<>(original.remarks());
    remarks.putAll(image.remarks());
    remarks.forEach((variable, text) -> log.warn(variable + " has no equivalent: " + text));
    Map<String, Setting> settings = new LinkedHashMap<>(original.settings());
    settings.putAll(image.settings());
    if (!settings.isEmpty() || !image.keys().isEmpty()) {
      environment.getPropertySources().addLast(new OriginalProperties(settings, image.keys()));
    }
  }

  private static DistributionImage distribution(Map<String, String> variables) {
    try {
      return DistributionImage.read(variables);
    } catch (ConfigurationException e) {
      throw new SetupException(
          "The configuration of Distribution: " + e.getMessage(),
          "Correct the variable REGISTRY_… or the mounted config.yml, or leave it out",
          e);
    }
  }

  private static OriginalVariables read(Map<String, String> variables) {
    String remedy = "Leave out SETTINGS_FLAVOR, or name one of local, s3 and gcs";
    try {
      return new OriginalVariables(variables);
    } catch (ConfigurationException e) {
      throw new SetupException("SETTINGS_FLAVOR: " + e.getMessage(), remedy, e);
    }
  }
}
