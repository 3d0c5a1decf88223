package io.registry.platform.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.util.ClassUtils;

/**
 * The names of all settings, from the metadata that the compiler generates for configuration
 * records.
 */
public final class SettingNames {
  static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("registry");

  private static final String METADATA = "/META-INF/spring-configuration-metadata.json";
  private static final String OURS = "io.registry.";

  /** The type of each setting by name. */
  private final Map<ConfigurationPropertyName, String> types;

  private SettingNames(Map<ConfigurationPropertyName, String> types) {
    this.types = types;
  }

  /** Reads the names. */
  public static SettingNames load() {
    try (InputStream in =
        Objects.requireNonNull(SettingNames.class.getResourceAsStream(METADATA), METADATA)) {
      String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<?> properties =
          (List<?>)
              JsonParserFactory.getJsonParser()
                  .parseMap(json)
                  .getOrDefault("properties", List.of());
      Map<ConfigurationPropertyName, String> types = new TreeMap<>();
      for (Object property : properties) {
        Map<?, ?> each = (Map<?, ?>) property;
        types.put(
            ConfigurationPropertyName.of(String.valueOf(each.get("name"))),
            String.valueOf(each.get("type")));
      }
      return new SettingNames(types);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a setting exists. */
  boolean contains(ConfigurationPropertyName name) {
    return types.containsKey(name)
        || holder(name).filter(holder -> holds(holder, name)).isPresent();
  }

  /** Whether there are settings below the name, so that it may appear without a value. */
  boolean isGroup(ConfigurationPropertyName name) {
    return types.keySet().stream().anyMatch(name::isAncestorOf);
  }

  /**
   * Whether a setting exists for the name of an environment variable, in which a dash is omitted
   * and a dot is an underscore.
   */
  boolean containsLoosely(ConfigurationPropertyName variable) {
    return contains(variable)
        || types.keySet().stream()
            .anyMatch(
                known ->
                    flat(known).equals(flat(variable))
                        || (!elements(known).isEmpty() && flat(variable).startsWith(flat(known))));
  }

  /** Whether an environment variable sets one of them. */
  public boolean isVariable(String name) {
    return ConfigurationPropertyName.isValid(propertyOf(name))
        && containsLoosely(ConfigurationPropertyName.of(propertyOf(name)));
  }

  private static String propertyOf(String variable) {
    return variable.toLowerCase(Locale.ROOT).replace('_', '.');
  }

  /** The most similar setting. */
  Optional<String> nearest(ConfigurationPropertyName name) {
    List<String> within =
        holder(name)
            .map(
                holder ->
                    elements(holder).stream()
                        .map(element -> name.chop(holder.getNumberOfElements() + 1) + "." + element)
                        .toList())
            .orElse(List.of());
    return Nearest.find(
        name.toString(),
        Stream.concat(types.keySet().stream().map(String::valueOf), within.stream()).toList());
  }

  // The list or map that contains the setting.
  private Optional<ConfigurationPropertyName> holder(ConfigurationPropertyName name) {
    return Stream.iterate(
            name, each -> each.getNumberOfElements() > 1, ConfigurationPropertyName::getParent)
        .skip(1)
        .filter(types::containsKey)
        .filter(holder -> type(holder).contains("<"))
        .findFirst();
  }

  private boolean holds(ConfigurationPropertyName holder, ConfigurationPropertyName name) {
    List<String> elements = elements(holder);
    int own = holder.getNumberOfElements() + 1;
    return elements.isEmpty()
        || (name.getNumberOfElements() > own
            && elements.contains(name.getElement(own, Form.DASHED)));
  }

  // The properties of a list's or map's elements; empty when the elements are plain values.
  private List<String> elements(ConfigurationPropertyName holder) {
    String part = type(holder).replaceFirst("^.*[<,]", "").replace(">", "");
    if (!type(holder).contains("<") || !part.startsWith(OURS)) {
      return List.of();
    }
    Class<?> type = ClassUtils.resolveClassName(part, SettingNames.class.getClassLoader());
    return Stream.ofNullable(type.getRecordComponents())
        .flatMap(Arrays::stream)
        .map(RecordComponent::getName)
        .map(DataObjectPropertyName::toDashedForm)
        .toList();
  }

  private String type(ConfigurationPropertyName name) {
    return types.getOrDefault(name, "");
  }

  private static String flat(ConfigurationPropertyName name) {
    return name.toString().replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
  }
}
