package io.registry.control;

import jakarta.validation.Validator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.ConfigurableEnvironment;

/** Reads the settings again and takes over those that can change while the registry runs. */
final class Reconfiguration {
  private static final Logger log = LoggerFactory.getLogger(Reconfiguration.class);

  private static final Pattern PLACE = Pattern.compile("line \\d+, column \\d+");

  private final List<Reload> parts;
  private final Validator validator;
  private ConfigurableEnvironment current;

  /**
   * The settings.
   *
   * @param started what the registry was started with
   * @param parts those that can change
   * @param validator checks them
   */
  Reconfiguration(ConfigurableEnvironment started, List<Reload> parts, Validator validator) {
    this.current = started;
    this.parts = List.copyOf(parts);
    this.validator = validator;
  }

  /** Takes over all that has changed, or, when there is a mistake anywhere, nothing. */
  synchronized void reload() {
    ConfigurableEnvironment fresh;
    List<Reload.Change> changes = new ArrayList<>();
    try {
      fresh = FreshEnvironment.read(current);
      Settings settings = new Settings(fresh, validator);
      parts.forEach(part -> part.prepare(settings).ifPresent(changes::add));
    } catch (RuntimeException e) {
      log.error("The settings are not taken over, and those before hold: {}", reason(e));
      log.debug("Not taken over", e);
      return;
    }
    changes.forEach(change -> log.info("Changed: {}", change.apply()));
    Set<String> others = FreshEnvironment.differences(current, fresh);
    others.removeIf(name -> parts.stream().anyMatch(part -> part.covers(name)));
    if (!others.isEmpty()) {
      log.warn("Changed, but not before the registry is started anew: {}", others);
    }
    if (changes.isEmpty() && others.isEmpty()) {
      log.info("The settings are as before");
    }
    current = fresh;
  }

  // What went wrong is said by the innermost cause, and where by the outermost.
  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String outer = shortened(failure);
    String inner = shortened(cause);
    return outer.equals(inner) ? outer : inner + " (" + outer + ")";
  }

  // What follows the first line quotes the file, in which there may be secrets.
  private static String shortened(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    Matcher place = PLACE.matcher(message);
    String first = message.lines().findFirst().orElse("");
    return !first.equals(message) && place.find() ? first + ", " + place.group() : first;
  }
}
