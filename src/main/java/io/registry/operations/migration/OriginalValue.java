package io.registry.operations.migration;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A value of the original's configuration, which the original read again from file and environment
 * at each access (protocol 8.1).
 *
 * @param resolved its current value, with the type that YAML gives it; empty for null
 * @param variable the environment variable that can override it, if there is one
 * @param isSet whether that variable is set
 * @param expression the same value for Spring, with a placeholder for the variable
 */
record OriginalValue(
    Optional<Object> resolved, Optional<String> variable, boolean isSet, String expression) {

  /** Characters with a meaning in Spring's placeholders, which their defaults must not contain. */
  private static final String PLACEHOLDER_SIGNS = "${}\\";

  /** A value from the file. */
  static OriginalValue of(@Nullable Object value) {
    return new OriginalValue(
        Optional.ofNullable(value), Optional.empty(), false, literal(text(value)));
  }

  /**
   * A value from an environment variable with a default.
   *
   * @param fallback the default as it is in the file
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

  /** Whether it is exactly {@code true}, which some settings of the original required. */
  boolean isTrue() {
    return resolved.filter(Boolean.TRUE::equals).isPresent();
  }

  /** Whether Python treats it as true, which was enough for other settings. */
  boolean isTruthy() {
    return resolved
        .filter(value -> !value.equals(false) && !value.equals("") && !value.equals(0))
        .filter(value -> !(value instanceof Collection<?> many && many.isEmpty()))
        .isPresent();
  }

  /** The value as a text, whatever type YAML gave it; empty for null and for an empty text. */
  Optional<String> text() {
    return resolved.map(Object::toString).filter(text -> !text.isEmpty());
  }

  /** The elements of a list; or the single value. */
  List<String> list() {
    if (resolved.isPresent() && resolved.get() instanceof Collection<?> many) {
      return many.stream().map(String::valueOf).toList();
    }
    return text().stream().toList();
  }
}
