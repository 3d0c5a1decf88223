package io.registry.migration;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A value of the original's configuration, which read each afresh from the file and the environment
 * (protocol 8.1).
 *
 * @param resolved what it is now, with the type that YAML gives it; nothing for null
 * @param variable the environment variable that says so, if one may
 * @param isSet whether that variable is set
 * @param expression the same value for Spring, with a placeholder for the variable
 */
record OriginalValue(
    Optional<Object> resolved, Optional<String> variable, boolean isSet, String expression) {

  /** What Spring's placeholders have a use for, and may not stand in their default. */
  private static final String PLACEHOLDER_SIGNS = "${}\\";

  /** A value that the file says. */
  static OriginalValue of(@Nullable Object value) {
    return new OriginalValue(
        Optional.ofNullable(value), Optional.empty(), false, literal(text(value)));
  }

  /**
   * A value that a variable says, or else a default.
   *
   * @param fallback the default as it stands in the file
   * @param isSet whether the variable is set
   */
  static OriginalValue ofVariable(
      String variable, String fallback, boolean isSet, @Nullable Object value) {
    String expression =
        fallback.chars().anyMatch(sign -> PLACEHOLDER_SIGNS.indexOf(sign) >= 0)
            ? literal(text(value))
            : "${" + variable + ":" + unquoted(fallback) + "}";
    return new OriginalValue(Optional.ofNullable(value), Optional.of(variable), isSet, expression);
  }

  private static String unquoted(String fallback) {
    Object value = ConfigurationReader.scalar(fallback);
    if (value instanceof Collection<?> many) {
      return many.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
    return text(value);
  }

  private static String literal(String text) {
    return text.replace("${", "\\${");
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  /** Whether it is the very value true, which some settings of the original had to be. */
  boolean isTrue() {
    return resolved.filter(Boolean.TRUE::equals).isPresent();
  }

  /** Whether Python takes it for true, which was enough for others. */
  boolean isTruthy() {
    return resolved
        .filter(value -> !value.equals(false) && !value.equals("") && !value.equals(0))
        .filter(value -> !(value instanceof Collection<?> many && many.isEmpty()))
        .isPresent();
  }

  /** It as a text, whatever YAML made of it; nothing for null and for nothing. */
  Optional<String> text() {
    return resolved.map(Object::toString).filter(text -> !text.isEmpty());
  }

  /** Its elements, or it alone. */
  List<String> list() {
    if (resolved.isPresent() && resolved.get() instanceof Collection<?> many) {
      return many.stream().map(String::valueOf).toList();
    }
    return text().stream().toList();
  }
}
