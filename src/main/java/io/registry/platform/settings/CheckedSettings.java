package io.registry.platform.settings;

import io.registry.platform.problem.SetupException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Refuses unknown settings at the start: with a misspelt name, for example, the registry would use
 * another store than the operator wanted.
 */
public final class CheckedSettings implements EnvironmentPostProcessor {
  private static final Set<String> PROFILES = Set.of("local", "s3", "gcs", "redis", "check");
  private static final int MAX_PORT = 65_535;
  private static final int MAX_TOLD = 20;

  /**
   * Variables that a container engine sets for links to a container named registry or
   * registry-SOMETHING, and the original's variable for its address.
   */
  private static final Pattern LINK =
      Pattern.compile(
          "registry\\b.*\\.(host|port|service\\.(host|port).*|port\\[\\d+]\\..*|name|env\\..*)");

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    check(environment);
    requireProfiles(environment);
    requirePort(environment, "server.port");
    requirePort(environment, "management.server.port");
  }

  /**
   * Checks the names of all settings.
   *
   * @throws SetupException when the registry does not have one of them
   */
  public static void check(ConfigurableEnvironment environment) {
    SettingNames known = SettingNames.load();
    List<TranslatedVariables> translated =
        environment.getPropertySources().stream()
            .filter(TranslatedVariables.class::isInstance)
            .map(TranslatedVariables.class::cast)
            .toList();
    List<String> unknown = new ArrayList<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource names) {
        names.stream()
            .filter(SettingNames.ROOT::isAncestorOf)
            .filter(name -> !isKnown(known, source, name))
            .filter(
                name ->
                    !isEnvironment(source)
                        || translated.stream().noneMatch(each -> each.translates(name)))
            .map(name -> describe(known, source, name))
            .distinct()
            .forEach(unknown::add);
      }
    }
    if (!unknown.isEmpty()) {
      throw new SetupException(
          "There is no such setting:\n"
              + String.join("\n", unknown.subList(0, Math.min(MAX_TOLD, unknown.size()))),
          "Correct or remove what is named above. All settings are listed in docs/settings.md");
    }
  }

  private static boolean isKnown(
      SettingNames known, ConfigurationPropertySource source, ConfigurationPropertyName name) {
    if (isEnvironment(source)) {
      return known.containsLoosely(name) || LINK.matcher(name.toString()).matches();
    }
    // A group without values, as when all lines below it in a file are comments.
    return known.contains(name) || (known.isGroup(name) && isEmpty(source, name));
  }

  private static boolean isEnvironment(ConfigurationPropertySource source) {
    return source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
  }

  private static boolean isEmpty(
      ConfigurationPropertySource source, ConfigurationPropertyName name) {
    ConfigurationProperty property = source.getConfigurationProperty(name);
    return property == null || property.getValue().toString().isEmpty();
  }

  private static String describe(
      SettingNames known, ConfigurationPropertySource source, ConfigurationPropertyName name) {
    ConfigurationProperty property = source.getConfigurationProperty(name);
    String origin =
        property == null || property.getOrigin() == null
            ? String.valueOf(source.getUnderlyingSource())
            : property.getOrigin().toString();
    return "  %s, in %s%s"
        .formatted(
            name,
            origin,
            known.nearest(name).map(near -> "; did you mean " + near + "?").orElse(""));
  }

  private static void requireProfiles(ConfigurableEnvironment environment) {
    for (String profile : environment.getActiveProfiles()) {
      if (!PROFILES.contains(profile)
          && environment.getPropertySources().stream()
              .noneMatch(source -> isMadeFor(profile, source))) {
        throw new SetupException(
            "spring.profiles.active: there is no profile "
                + profile
                + Nearest.hint(profile, PROFILES),
            "Name profiles of local, s3, gcs and redis, or make the file application-"
                + profile
                + ".yml");
      }
    }
  }

  // Operators may have files, or documents within a file, for profiles of their own.
  private static boolean isMadeFor(String profile, PropertySource<?> source) {
    return source.getName().contains("-" + profile + ".")
        || (source instanceof EnumerablePropertySource<?> document
            && Arrays.stream(document.getPropertyNames())
                .filter(name -> name.startsWith("spring.config.activate.on-profile"))
                .anyMatch(name -> String.valueOf(document.getProperty(name)).contains(profile)));
  }

  private static void requirePort(ConfigurableEnvironment environment, String name) {
    Binder.get(environment)
        .bind(name, Integer.class)
        .ifBound(
            port -> {
              if (port < -1 || port > MAX_PORT) {
                throw new SetupException(
                    name + " is " + port + ", which is no port",
                    "Set " + name + " to a number from 1 to 65535, or to 0 for any free port");
              }
            });
  }
}
