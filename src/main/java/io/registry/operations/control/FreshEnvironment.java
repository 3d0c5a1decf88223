package io.registry.operations.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Reads the configuration files again. The command line and the environment variables of a running
 * process cannot change.
 */
final class FreshEnvironment {
  /** The prefix of the names that Spring Boot gives to property sources from files and folders. */
  private static final String FILES = "Config ";

  private FreshEnvironment() {}

  /**
   * Reads the files.
   *
   * @param running the environment at the start
   * @throws RuntimeException when a file cannot be read, or is missing
   */
  static ConfigurableEnvironment read(ConfigurableEnvironment running) {
    StandardEnvironment fresh = new StandardEnvironment();
    MutablePropertySources sources = fresh.getPropertySources();
    List.copyOf(sources.stream().toList()).forEach(source -> sources.remove(source.getName()));
    List<PropertySource<?>> last = new ArrayList<>();
    boolean files = false;
    for (PropertySource<?> source : running.getPropertySources()) {
      if (isFile(source)) {
        files = true;
      } else if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
        sources.addLast(source);
        if (files) {
          last.add(source);
        }
      }
    }
    ConfigDataEnvironmentPostProcessor.applyTo(fresh);
    // Property sources that had lower precedence than the files, such as the original's variables,
    // keep it.
    last.forEach(
        source -> {
          sources.remove(source.getName());
          addBehindFiles(sources, source);
        });
    ConfigurationPropertySources.attach(fresh);
    requireFiles(running, fresh);
    return fresh;
  }

  // Adds all but the defaults inside the jar, which have the lowest precedence.
  private static void addBehindFiles(MutablePropertySources sources, PropertySource<?> source) {
    sources.stream()
        .map(PropertySource::getName)
        .filter(name -> name.startsWith(FILES) && name.contains("class path resource"))
        .findFirst()
        .ifPresentOrElse(
            defaults -> sources.addBefore(defaults, source), () -> sources.addLast(source));
  }

  /** The names of all settings whose values differ. */
  static Set<String> differences(ConfigurableEnvironment one, ConfigurableEnvironment other) {
    Set<String> names = new TreeSet<>(names(one));
    names.addAll(names(other));
    names.removeIf(name -> Objects.equals(raw(one, name), raw(other, name)));
    return names;
  }

  // The unresolved value: a placeholder may refer to a missing property.
  private static String raw(ConfigurableEnvironment environment, String name) {
    return environment.getPropertySources().stream()
        .filter(
            source -> !ConfigurationPropertySources.isAttachedConfigurationPropertySource(source))
        .map(source -> source.getProperty(name))
        .filter(Objects::nonNull)
        .map(String::valueOf)
        .findFirst()
        .orElse("");
  }

  // An editor may be replacing the file, or its file system may be unavailable for a moment.
  private static void requireFiles(ConfigurableEnvironment before, ConfigurableEnvironment after) {
    Set<String> gone = files(before);
    gone.removeAll(files(after));
    if (!gone.isEmpty()) {
      throw new IllegalStateException("what was read before is gone, or empty: " + gone);
    }
  }

  private static Set<String> files(ConfigurableEnvironment environment) {
    return environment.getPropertySources().stream()
        .filter(FreshEnvironment::isFile)
        .map(source -> source.getName().replaceFirst(" \\(document #\\d+\\)$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(ConfigurableEnvironment environment) {
    Set<String> names = new TreeSet<>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (isFile(source) && source instanceof EnumerablePropertySource<?> file) {
        names.addAll(List.of(file.getPropertyNames()));
      }
    }
    return names;
  }

  private static boolean isFile(PropertySource<?> source) {
    return source.getName().startsWith(FILES);
  }
}
