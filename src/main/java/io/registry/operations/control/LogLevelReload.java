package io.registry.operations.control;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggerGroup;
import org.springframework.boot.logging.LoggerGroups;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.Environment;

/** Applies changes of {@code logging.level}. */
final class LogLevelReload implements Reload {
  private static final String PREFIX = "logging.level";
  private static final Bindable<Map<String, LogLevel>> LEVELS =
      Bindable.mapOf(String.class, LogLevel.class);

  private final LoggingSystem logging;
  private final LoggerGroups groups;
  private Map<String, LogLevel> levels;

  LogLevelReload(Environment started, LoggingSystem logging, LoggerGroups groups) {
    this.logging = logging;
    this.groups = groups;
    this.levels = Binder.get(started).bindOrCreate(PREFIX, LEVELS);
  }

  @Override
  public boolean covers(String property) {
    return property.startsWith(PREFIX + ".");
  }

  @Override
  public Optional<Change> prepare(Settings settings) {
    Map<String, LogLevel> next = settings.bind(PREFIX, LEVELS);
    if (next.equals(levels)) {
      return Optional.empty();
    }
    return Optional.of(() -> apply(next));
  }

  private String apply(Map<String, LogLevel> next) {
    Set<String> changed = new TreeSet<>(levels.keySet());
    changed.addAll(next.keySet());
    changed.removeIf(name -> Objects.equals(levels.get(name), next.get(name)));
    changed.forEach(name -> set(name, next.get(name)));
    levels = new HashMap<>(next);
    return "log levels of " + changed;
  }

  private void set(String name, @Nullable LogLevel level) {
    LoggerGroup group = groups.get(name);
    List<String> loggers = group == null ? List.of(name) : group.getMembers();
    for (String logger : loggers) {
      boolean root = logger.toUpperCase(Locale.ROOT).equals(LoggingSystem.ROOT_LOGGER_NAME);
      LogLevel without = root ? LogLevel.INFO : null;
      logging.setLogLevel(
          root ? LoggingSystem.ROOT_LOGGER_NAME : logger, level == null ? without : level);
    }
  }
}
