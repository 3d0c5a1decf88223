package io.registry.operations.migration;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Translates a configuration of the original: collects the resulting settings, and remarks about
 * keys without an equivalent.
 */
final class Translation {
  private final OriginalConfiguration original;
  private final boolean placeholders;
  private final Map<String, Setting> settings = new LinkedHashMap<>();
  private final Map<String, String> remarks = new LinkedHashMap<>();
  private final Set<String> read = new HashSet<>();

  /**
   * Creates an empty translation.
   *
   * @param original the configuration
   * @param placeholders whether the settings keep referring to the environment variables, instead
   *     of containing their current values
   */
  Translation(OriginalConfiguration original, boolean placeholders) {
    this.original = original;
    this.placeholders = placeholders;
  }

  /** The settings, in the order in which they were added. */
  Map<String, Setting> settings() {
    return Collections.unmodifiableMap(settings);
  }

  /** The remarks about keys that have no equivalent or another meaning. */
  Map<String, String> remarks() {
    return Collections.unmodifiableMap(remarks);
  }

  /** The value of a key, which is thereby marked as translated. */
  Optional<OriginalValue> take(String key) {
    read.add(key);
    return original.find(key);
  }

  /**
   * The value of a key as a text, which is thereby marked as translated; empty when it is empty.
   */
  Optional<String> text(String key) {
    return take(key).flatMap(OriginalValue::text);
  }

  /** Whether there is such a key, or one below it, though it may have no value. */
  boolean has(String key) {
    return original.keys().contains(key) || !keysBelow(key).isEmpty();
  }

  /** The keys below a key, in the order of the file. */
  List<String> keysBelow(String key) {
    return original.keys().stream().filter(each -> each.startsWith(key + ".")).toList();
  }

  /** Whether a key was translated or got a remark. */
  boolean isRead(String key) {
    return read.contains(key);
  }

  /** Adds a setting. */
  void set(String property, Object value, String key) {
    settings.put(property, new Setting(value, origin(key)));
  }

  private String origin(String key) {
    return original.entry(key).flatMap(OriginalValue::variable).orElse(key);
  }

  /** Whether the key has a value now, or can get one from a variable. */
  boolean isSaid(String key) {
    return text(key).isPresent()
        || (placeholders && original.entry(key).flatMap(OriginalValue::variable).isPresent());
  }

  /** Adds a setting with the value of a key, unless the key has no value and cannot get one. */
  void copy(String key, String property) {
    expression(key).ifPresent(value -> set(property, value, key));
  }

  /**
   * Adds a setting with the value of a key, and with a default for when the variable is not set.
   */
  void copy(String key, String property, String otherwise) {
    expression(key)
        .map(value -> withDefault(value, otherwise))
        .ifPresent(value -> set(property, value, key));
  }

  private static String withDefault(String expression, String otherwise) {
    return expression.replace(":}", ":" + otherwise + "}");
  }

  /** Adds a setting with a list; a text is split at commas. */
  void copyList(String key, String property) {
    copyList(key, property, "");
  }

  /** Adds a setting with a list, and with a default for when the variable is not set. */
  void copyList(String key, String property, String otherwise) {
    read.add(key);
    original
        .entry(key)
        .filter(value -> !placeholders || value.variable().isEmpty() || isListNow(value))
        .map(OriginalValue::list)
        .filter(list -> !list.isEmpty())
        .map(list -> list.stream().flatMap(each -> List.of(each.split("\\s*,\\s*")).stream()))
        .ifPresentOrElse(
            list -> {
              set(property, list.toList(), key);
              chosen(key, "a list of YAML");
            },
            () -> copy(key, property, otherwise));
  }

  // In a variable, a list is separated by commas and has no brackets.
  private static boolean isListNow(OriginalValue value) {
    return value.isSet() && value.resolved().filter(List.class::isInstance).isPresent();
  }

  /** Adds a setting with a number of seconds. */
  void copySeconds(String key, String property) {
    expression(key)
        .map(value -> withDefault(value, "0"))
        .ifPresent(value -> set(property, value + "s", key));
  }

  /** Adds a boolean setting, true for what Python treats as true. */
  void copyFlag(String key, String property) {
    if (!placeholders) {
      take(key).ifPresent(value -> set(property, value.isTruthy(), key));
      return;
    }
    Optional<String> variable =
        original.entry(key).flatMap(OriginalValue::variable).flatMap(name -> expression(key));
    if (variable.isPresent()) {
      set(property, withDefault(variable.get(), "false"), key);
    } else {
      take(key).ifPresent(value -> set(property, value.isTruthy(), key));
    }
  }

  private Optional<String> expression(String key) {
    read.add(key);
    Optional<OriginalValue> value = original.entry(key);
    return placeholders
        ? value
            .filter(it -> it.variable().isPresent() || it.text().isPresent())
            .map(OriginalValue::expression)
        : value.flatMap(OriginalValue::text);
  }

  /** Adds a remark about a key, if it has a value. */
  void remark(String key, String text) {
    take(key).ifPresent(value -> remarks.put(key, text));
  }

  /** Adds a remark about a choice that depends on the current value of a variable. */
  void chosen(String key, String text) {
    read.add(key);
    original
        .entry(key)
        .flatMap(OriginalValue::variable)
        .filter(variable -> placeholders)
        .ifPresent(
            variable -> remarks.put(key, text + "; that was chosen now, and not by " + variable));
  }

  /** Adds the same remark about all keys below a prefix. */
  void remarkAll(String prefix, String text) {
    original.keys().stream()
        .filter(key -> key.equals(prefix) || key.startsWith(prefix + "."))
        .forEach(key -> remark(key, text));
  }

  /** Marks all keys below a key as translated. */
  void ignoreAll(String key) {
    ignoreStarting(key + ".");
  }

  /** Marks all keys with a prefix as translated. */
  void ignoreStarting(String prefix) {
    original.keys().stream().filter(key -> key.startsWith(prefix)).forEach(read::add);
  }

  /**
   * Adds a remark about all keys that were not translated.
   *
   * @param text the remark
   */
  void remarkRest(String text) {
    original.keys().stream()
        .filter(key -> !read.contains(key))
        .toList()
        .forEach(key -> remark(key, text));
  }
}
