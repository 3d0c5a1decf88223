package io.registry.operations.control;

import io.registry.platform.settings.CheckedSettings;
import jakarta.validation.Validator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.core.env.ConfigurableEnvironment;

/** Reads the settings again and applies those that can change while the registry runs. */
final class Reconfiguration {
  private static final Logger log = LoggerFactory.getLogger(Reconfiguration.class);

  private static final Pattern PLACE = Pattern.compile("line \\d+, column \\d+");

  private final List<Reload> parts;
  private final Validator validator;
  private ConfigurableEnvironment current;

  /**
   * Creates the reconfiguration.
   *
   * @param started the environment at the start
   * @param parts the groups of settings that can change
   * @param validator validates the settings
   */
  Reconfiguration(ConfigurableEnvironment started, List<Reload> parts, Validator validator) {
    this.current = started;
    this.parts = List.copyOf(parts);
    this.validator = validator;
  }

  /** Applies all changes, or nothing when any setting is invalid. */
  synchronized void reload() {
    ConfigurableEnvironment fresh;
    List<Reload.Change> changes = new ArrayList<>();
    Set<String> others;
    try {
      fresh = FreshEnvironment.read(current);
      CheckedSettings.check(fresh);
      Settings settings = new Settings(fresh, validator);
      parts.forEach(part -> part.prepare(settings).ifPresent(changes::add));
      others = FreshEnvironment.differences(current, fresh);
    } catch (RuntimeException e) {
      log.error(
          "The new settings cannot be applied; the former ones stay in effect: {}", reason(e));
      return;
    }
    current = fresh;
    changes.forEach(Reconfiguration::apply);
    others.removeIf(name -> parts.stream().anyMatch(part -> part.covers(name)));
    if (!others.isEmpty()) {
      log.warn("Changed, but applied only after a restart: {}", others);
    }
    if (changes.isEmpty() && others.isEmpty()) {
      log.info("The settings have not changed");
    }
  }

  // An unexpected failure of one change must not prevent the other valid ones.
  private static void apply(Reload.Change change) {
    try {
      log.info("Changed: {}", change.apply());
    } catch (RuntimeException e) {
      log.error("Not changed: {}", reason(e));
    }
  }

  // Messages of other libraries may quote the file, which contains secrets; only the exception's
  // type is logged for them.
  private static String reason(Throwable failure) {
    List<String> reasons = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof BindException binding) {
        reasons.add(String.valueOf(binding.getName()));
      } else if (isOurs(cause)) {
        reasons.add(message);
      } else if (cause.getCause() == null) {
        reasons.add(cause.getClass().getSimpleName());
      }
      Matcher place = PLACE.matcher(message);
      if (!isOurs(cause) && place.find()) {
        reasons.add(place.group());
      }
    }
    return String.join(": ", reasons.stream().distinct().toList());
  }

  private static boolean isOurs(Throwable cause) {
    StackTraceElement[] trace = cause.getStackTrace();
    return trace.length > 0 && trace[0].getClassName().startsWith("io.registry.");
  }
}
