package io.registry.migration;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a configuration of the original comes to here, as far as it was gone through. */
final class Translation {
  private final OriginalConfiguration original;
  private final boolean placeholders;
  private final Map<String, Setting> settings = new LinkedHashMap<>();
  private final Map<String, String> remarks = new LinkedHashMap<>();
  private final Set<String> read = new HashSet<>();

  /**
   * Begins one.
   *
   * @param original what is gone through
   * @param placeholders whether values go on to come from the variables that the original took them
   *     from, instead of being what these are now
   */
  Translation(OriginalConfiguration original, boolean placeholders) {
    this.original = original;
    this.placeholders = placeholders;
  }

  /** The settings, in the order in which they were made. */
  Map<String, Setting> settings() {
    return Collections.unmodifiableMap(settings);
  }

  /** What has no equivalent, or is not the same here, by its key. */
  Map<String, String> remarks() {
    return Collections.unmodifiableMap(remarks);
  }

  /** A value that somebody goes by. */
  Optional<OriginalValue> take(String key) {
    boolean unused = read.add(key);
    return original.find(key);
  }

  /** A value that somebody goes by, as a text; nothing when it is empty. */
  Optional<String> text(String key) {
    return take(key).flatMap(OriginalValue::text);
  }

  /** Makes a setting. */
  void set(String property, Object value, String key) {
    settings.put(property, new Setting(value, origin(key)));
  }

  private String origin(String key) {
    return original.entry(key).flatMap(OriginalValue::variable).orElse(key);
  }

  /** Whether it has a value, or may have one another time. */
  boolean isSaid(String key) {
    return text(key).isPresent()
        || (placeholders && original.entry(key).flatMap(OriginalValue::variable).isPresent());
  }

  /** Makes a setting of the same value, unless there is none and none can come. */
  void copy(String key, String property) {
    expression(key).ifPresent(value -> set(property, value, key));
  }

  /** Makes a setting of the same value, which is another one while the variable is not set. */
  void copy(String key, String property, String otherwise) {
    expression(key)
        .map(value -> withDefault(value, otherwise))
        .ifPresent(value -> set(property, value, key));
  }

  private static String withDefault(String expression, String otherwise) {
    return expression.replace(":}", ":" + otherwise + "}");
  }

  /** Makes a setting of a list whose elements are separated by commas, or are one. */
  void copyList(String key, String property) {
    copyList(key, property, "");
  }

  /** Makes a setting of a list, which is another one while the variable is not set. */
  void copyList(String key, String property, String otherwise) {
    boolean unused = read.add(key);
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

  // A list in a variable has commas and no brackets here.
  private static boolean isListNow(OriginalValue value) {
    return value.isSet() && value.resolved().filter(List.class::isInstance).isPresent();
  }

  /** Makes a setting of a number of seconds. */
  void copySeconds(String key, String property) {
    expression(key)
        .map(value -> withDefault(value, "0"))
        .ifPresent(value -> set(property, value + "s", key));
  }

  /** Makes a setting that is true or false, by what Python takes for true. */
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
    boolean unused = read.add(key);
    Optional<OriginalValue> value = original.entry(key);
    return placeholders
        ? value
            .filter(it -> it.variable().isPresent() || it.text().isPresent())
            .map(OriginalValue::expression)
        : value.flatMap(OriginalValue::text);
  }

  /** Remarks something about a key, if it says anything. */
  void remark(String key, String text) {
    take(key).ifPresent(value -> remarks.put(key, text));
  }

  /** Remarks something that was chosen by a variable that may have another value another time. */
  void chosen(String key, String text) {
    boolean unused = read.add(key);
    original
        .entry(key)
        .flatMap(OriginalValue::variable)
        .filter(variable -> placeholders)
        .ifPresent(
            variable -> remarks.put(key, text + "; that was chosen now, and not by " + variable));
  }

  /** Remarks the same about all keys below one. */
  void remarkAll(String prefix, String text) {
    original.keys().stream()
        .filter(key -> key.equals(prefix) || key.startsWith(prefix + "."))
        .forEach(key -> remark(key, text));
  }

  /** Goes by nothing that is below a key. */
  void ignoreAll(String key) {
    ignoreStarting(key + ".");
  }

  /** Goes by nothing whose key begins so. */
  void ignoreStarting(String prefix) {
    original.keys().stream().filter(key -> key.startsWith(prefix)).forEach(read::add);
  }

  /** Remarks all that nobody has gone by. */
  void remarkRest() {
    original.keys().stream()
        .filter(key -> !read.contains(key))
        .toList()
        .forEach(key -> remark(key, "not known: neither here nor to the original 0.9"));
  }
}
