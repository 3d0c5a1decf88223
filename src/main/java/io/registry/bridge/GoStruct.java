package io.registry.bridge;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A {@code struct}: fields in a fixed order. Keys are matched without regard to case, and keys that
 * match no field are passed over.
 */
final class GoStruct implements GoValue {
  private static final char LONG_S = '\u017f';
  private static final char KELVIN = '\u212a';

  private final Map<String, Field> fields = new LinkedHashMap<>();
  private final Map<String, Field> foldedFields = new HashMap<>();

  private record Field(String name, GoValue value, boolean omittedIfEmpty) {}

  /** Adds a field that is always written. */
  GoStruct with(String name, GoValue value) {
    return with(new Field(name, value, false));
  }

  /** Adds a field that is left out when it is empty. */
  GoStruct withOptional(String name, GoValue value) {
    return with(new Field(name, value, true));
  }

  private GoStruct with(Field field) {
    fields.put(field.name(), field);
    foldedFields.put(fold(field.name()), field);
    return this;
  }

  @Override
  public void decode(JsonCursor json) {
    switch (json.kind()) {
      case OBJECT -> json.members(key -> decodeField(key, json));
      case NULL -> json.skip();
      default -> throw new MisfitException(json.kind() + " where Docker expects an object");
    }
  }

  private void decodeField(String key, JsonCursor json) {
    Field field = foldedFields.get(fold(key));
    if (field == null) {
      json.skip();
      return;
    }
    try {
      field.value().decode(json);
    } catch (MisfitException e) {
      throw e.within(field.name());
    }
  }

  @Override
  public void encode(GoWriter out) {
    String separator = "{";
    for (Field field : fields.values()) {
      if (!field.omittedIfEmpty() || !field.value().isEmpty()) {
        field.value().encode(out.raw(separator).string(field.name()).raw(":"));
        separator = ",";
      }
    }
    out.raw(separator.equals("{") ? "{}" : "}");
  }

  @Override
  public boolean isEmpty() {
    return false;
  }

  /** Folds case as Go does: over ASCII and the two other characters whose other case is ASCII. */
  private static String fold(String key) {
    StringBuilder folded = new StringBuilder(key.length());
    for (int i = 0; i < key.length(); i++) {
      char character = key.charAt(i);
      if (character >= 'A' && character <= 'Z') {
        folded.append((char) (character - 'A' + 'a'));
      } else {
        folded.append(
            switch (character) {
              case LONG_S -> 's';
              case KELVIN -> 'k';
              default -> character;
            });
      }
    }
    return folded.toString();
  }
}
