package io.registry.operations.migration;

import io.registry.platform.settings.SettingNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the official image of Distribution would be configured with: its variables, and in the
 * container of this registry also its {@code config.yml} and its volume, when they are mounted.
 *
 * @param settings the settings of this registry by name
 * @param remarks what has no equivalent, with the reason
 * @param keys the keys of Distribution that variables had
 */
record DistributionImage(
    Map<String, Setting> settings, Map<String, String> remarks, Set<String> keys) {
  /** The root of the file system in which the paths of the official image count. */
  static final String ROOT = "DISTRIBUTION_IMAGE_ROOT";

  private static final String CONFIGURATION = "etc/docker/registry/config.yml";
  private static final String VOLUME = "var/lib/registry";
  private static final String LOCAL = "registry.storage.local.path";

  /**
   * Reads the environment and what is mounted.
   *
   * @throws ConfigurationException when that needs what is not here
   */
  static DistributionImage read(Map<String, String> environment) {
    Optional<Path> root = Optional.ofNullable(environment.get(ROOT)).map(Path::of);
    boolean any = environment.keySet().stream().anyMatch(name -> name.startsWith("REGISTRY_"));
    if (root.isEmpty() && !any) {
      return new DistributionImage(Map.of(), Map.of(), Set.of());
    }
    DistributionVariables variables =
        new DistributionVariables(environment, SettingNames.load()::isVariable);
    Optional<Path> file = root.map(each -> each.resolve(CONFIGURATION)).filter(Files::isReadable);
    OriginalConfiguration base =
        file.map(DistributionImage::configuration).orElse(new OriginalConfiguration(Map.of()));
    OriginalConfiguration configuration = variables.over(base);
    Translation translation = DistributionEquivalents.of(configuration);
    Map<String, Setting> settings = new LinkedHashMap<>(translation.settings());
    Map<String, String> remarks = new LinkedHashMap<>();
    translation
        .remarks()
        .forEach(
            (key, text) ->
                remarks.put(
                    configuration
                        .entry(key)
                        .flatMap(OriginalValue::variable)
                        .orElse(key + " of " + CONFIGURATION),
                    text));
    root.map(each -> each.resolve(VOLUME))
        .filter(Files::isDirectory)
        .filter(volume -> !settings.containsKey("spring.profiles.active"))
        .ifPresent(volume -> serve(volume, settings));
    return new DistributionImage(settings, remarks, new TreeSet<>(variables.known(translation)));
  }

  private static OriginalConfiguration configuration(Path file) {
    try {
      return ConfigurationReader.readLiterally(Files.readString(file));
    } catch (IOException e) {
      throw new ConfigurationException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  // The official image runs as root, and this one does not: what only root may write is served as
  // it is, and new content goes to the own volume.
  private static void serve(Path volume, Map<String, Setting> settings) {
    String origin = "The mounted /" + VOLUME;
    boolean named =
        settings.containsKey(LOCAL)
            && !Path.of(String.valueOf(settings.get(LOCAL).value())).equals(volume);
    if (named) {
      return;
    }
    if (Files.isWritable(volume)) {
      settings.put(LOCAL, new Setting(volume.toString(), origin));
    } else {
      settings.remove(LOCAL);
      settings.put("registry.storage.distribution.path", new Setting(volume.toString(), origin));
    }
  }
}
