package io.registry.operations.migration;

import io.registry.platform.settings.SettingNames;
import java.util.Map;

/** A configuration file of CNCF Distribution ({@code registry:2}), version 0.1. */
final class DistributionFile {
  private static final String UNKNOWN = "not known: neither here nor to Distribution 2.8";

  private DistributionFile() {}

  /** Whether a file is one: Distribution requires a version, and docker-registry had none. */
  static boolean isOne(String yaml) {
    return ConfigurationReader.readLiterally(yaml).text("version").isPresent();
  }

  /**
   * Translates a file with the variables that override it.
   *
   * @throws ConfigurationException when the file is not YAML, or needs what is not here
   */
  static Translation translate(String yaml, Map<String, String> environment) {
    DistributionVariables variables =
        new DistributionVariables(environment, SettingNames.load()::isVariable);
    Translation translation =
        DistributionEquivalents.of(variables.over(ConfigurationReader.readLiterally(yaml)));
    translation.remarkRest(UNKNOWN);
    return translation;
  }
}
