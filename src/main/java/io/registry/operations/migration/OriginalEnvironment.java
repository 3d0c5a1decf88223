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
 * Applies the environment variables of the original with lower precedence than all settings of this
 * registry. It runs before configuration files are read, because the variables may choose the
 * store, and thereby a profile.
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
    original
        .remarks()
        .forEach((variable, text) -> log.warn(variable + " has no equivalent: " + text));
    if (!original.settings().isEmpty()) {
      environment.getPropertySources().addLast(new OriginalProperties(original.settings()));
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
