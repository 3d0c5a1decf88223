package io.registry.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A variable of a Go program that {@code encoding/json} decodes into and encodes from. A variable
 * may be decoded into more than once: that is what Go does with a duplicate key.
 */
interface GoValue {
  /**
   * Decodes the next value.
   *
   * @throws MisfitException when Go refuses to
   */
  void decode(JsonCursor json);

  /** Encodes the variable. */
  void encode(GoWriter out);

  /** Whether {@code omitempty} leaves it out. */
  boolean isEmpty();

  private static MisfitException wrongKind(JsonCursor json, String wanted) {
    return new MisfitException(json.kind() + " where Docker expects " + wanted);
  }

  /** Passes over null, which leaves most variables as they are. */
  private static boolean skipsNull(JsonCursor json) {
    if (json.kind() != JsonCursor.Kind.NULL) {
      return false;
    }
    json.skip();
    return true;
  }

  /** A {@code string}. */
  final class Text implements GoValue {
    private String value = "";

    String value() {
      return value;
    }

    @Override
    public void decode(JsonCursor json) {
      if (skipsNull(json)) {
        return;
      }
      if (json.kind() != JsonCursor.Kind.STRING) {
        throw wrongKind(json, "a string");
      }
      value = json.string();
    }

    @Override
    public void encode(GoWriter out) {
      out.string(value);
    }

    @Override
    public boolean isEmpty() {
      return value.isEmpty();
    }
  }

  /** A {@code bool}. */
  final class Flag implements GoValue {
    private boolean value;

    @Override
    public void decode(JsonCursor json) {
      if (skipsNull(json)) {
        return;
      }
      if (json.kind() != JsonCursor.Kind.BOOLEAN) {
        throw wrongKind(json, "a boolean");
      }
      value = json.bool();
    }

    @Override
    public void encode(GoWriter out) {
      out.raw(Boolean.toString(value));
    }

    @Override
    public boolean isEmpty() {
      return !value;
    }
  }

  /** An {@code int64}, or an {@code int} on the platforms that Docker runs on. */
  final class Int implements GoValue {
    private long value;

    @Override
    public void decode(JsonCursor json) {
      if (skipsNull(json)) {
        return;
      }
      if (json.kind() != JsonCursor.Kind.NUMBER) {
        throw wrongKind(json, "an integer");
      }
      try {
        value = Long.parseLong(json.raw());
      } catch (NumberFormatException e) {
        throw new MisfitException("a number that is not an integer of 64 bits");
      }
    }

    @Override
    public void encode(GoWriter out) {
      out.raw(Long.toString(value));
    }

    @Override
    public boolean isEmpty() {
      return value == 0;
    }
  }

  /** A {@code []string}. Where an array contains null, the string that was there before remains. */
  final class Texts implements GoValue {
    private final List<Text> elements = new ArrayList<>();
    private int length;
    private boolean nil = true;

    List<String> values() {
      return elements.subList(0, length).stream().map(Text::value).toList();
    }

    @Override
    public void decode(JsonCursor json) {
      if (skipsNull(json)) {
        clear(true);
        return;
      }
      if (json.kind() != JsonCursor.Kind.ARRAY) {
        throw wrongKind(json, "an array of strings");
      }
      nil = false;
      length = 0;
      json.elements(() -> decodeElement(json));
      if (length == 0) {
        clear(false);
      }
    }

    private void decodeElement(JsonCursor json) {
      if (length == elements.size()) {
        elements.add(new Text());
      }
      elements.get(length).decode(json);
      length++;
    }

    private void clear(boolean toNil) {
      elements.clear();
      length = 0;
      nil = toNil;
    }

    @Override
    public void encode(GoWriter out) {
      if (nil) {
        out.raw("null");
        return;
      }
      String separator = "[";
      for (Text element : elements.subList(0, length)) {
        element.encode(out.raw(separator));
        separator = ",";
      }
      out.raw(length == 0 ? "[]" : "]");
    }

    @Override
    public boolean isEmpty() {
      return length == 0;
    }
  }

  /** A {@code strslice.StrSlice}: an array of strings, or one string alone. */
  final class Words implements GoValue {
    private Texts texts = new Texts();

    List<String> values() {
      return texts.values();
    }

    @Override
    public void decode(JsonCursor json) {
      Texts decoded = new Texts();
      if (json.kind() == JsonCursor.Kind.STRING) {
        decoded.decodeElement(json);
        decoded.nil = false;
      } else {
        decoded.decode(json);
      }
      texts = decoded;
    }

    @Override
    public void encode(GoWriter out) {
      texts.encode(out);
    }

    @Override
    public boolean isEmpty() {
      return texts.isEmpty();
    }
  }

  /** A map whose keys are strings. Its keys are encoded in the order of their bytes. */
  final class Dictionary implements GoValue {
    private final Supplier<? extends GoValue> newElement;
    private final Map<String, GoValue> elements = new TreeMap<>(GoValue::compareBytes);
    private boolean nil = true;

    Dictionary(Supplier<? extends GoValue> newElement) {
      this.newElement = newElement;
    }

    @Override
    public void decode(JsonCursor json) {
      if (skipsNull(json)) {
        elements.clear();
        nil = true;
        return;
      }
      if (json.kind() != JsonCursor.Kind.OBJECT) {
        throw wrongKind(json, "an object");
      }
      nil = false;
      json.members(
          key -> {
            GoValue element = newElement.get();
            element.decode(json);
            elements.put(key, element);
          });
    }

    @Override
    public void encode(GoWriter out) {
      if (nil) {
        out.raw("null");
        return;
      }
      String separator = "{";
      for (Map.Entry<String, GoValue> element : elements.entrySet()) {
        element.getValue().encode(out.raw(separator).string(element.getKey()).raw(":"));
        separator = ",";
      }
      out.raw(elements.isEmpty() ? "{}" : "}");
    }

    @Override
    public boolean isEmpty() {
      return elements.isEmpty();
    }
  }

  /** A pointer. */
  final class Pointer implements GoValue {
    private final Supplier<? extends GoValue> newTarget;
    private @Nullable GoValue target;

    Pointer(Supplier<? extends GoValue> newTarget) {
      this.newTarget = newTarget;
    }

    @Override
    public void decode(JsonCursor json) {
      if (skipsNull(json)) {
        target = null;
        return;
      }
      GoValue decoded = target == null ? newTarget.get() : target;
      target = decoded;
      decoded.decode(json);
    }

    @Override
    public void encode(GoWriter out) {
      if (target == null) {
        out.raw("null");
      } else {
        target.encode(out);
      }
    }

    @Override
    public boolean isEmpty() {
      return target == null;
    }
  }

  /** Compares two strings by their bytes in UTF-8, that is by code points and not by UTF-16. */
  static int compareBytes(String first, String second) {
    int shared = Math.min(first.length(), second.length());
    for (int i = 0; i < shared; i++) {
      char one = first.charAt(i);
      char other = second.charAt(i);
      if (one != other) {
        boolean beyond = Character.isSurrogate(one);
        return beyond == Character.isSurrogate(other)
            ? Character.compare(one, other)
            : beyond ? 1 : -1;
      }
    }
    return Integer.compare(first.length(), second.length());
  }
}
