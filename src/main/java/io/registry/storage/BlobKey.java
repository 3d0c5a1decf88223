package io.registry.storage;

import java.nio.charset.StandardCharsets;

/**
 * The name of a blob: components joined by {@code /}, relative to the root of the store. Because no
 * component can be empty, {@code .}, {@code ..} or hold a control character, a key can never leave
 * the store.
 *
 * @param path the components joined by {@code /}
 */
public record BlobKey(String path) {
  /** The longest component in bytes, as common file systems allow. */
  public static final int MAX_COMPONENT = 255;

  /**
   * Validates the path.
   *
   * @throws IllegalArgumentException when a component is not allowed
   */
  public BlobKey {
    for (String component : path.split("/", -1)) {
      if (!isComponent(component)) {
        throw new IllegalArgumentException("not a part of a key: " + component);
      }
    }
  }

  /**
   * Creates a key from components.
   *
   * @param components at least one, from the root on
   * @return the key
   * @throws IllegalArgumentException when a component is not allowed
   */
  public static BlobKey of(String... components) {
    for (String component : components) {
      requireSingle(component);
    }
    return new BlobKey(String.join("/", components));
  }

  /**
   * Whether a text is allowed as a component of a key.
   *
   * @param component a file or folder name
   * @return false when it is empty, too long, a dot name, or contains a slash or a control
   *     character
   */
  public static boolean isComponent(String component) {
    if (component.isEmpty() || component.equals(".") || component.equals("..")) {
      return false;
    }
    for (int i = 0; i < component.length(); i++) {
      char c = component.charAt(i);
      if (c == '/' || Character.isISOControl(c)) {
        return false;
      }
    }
    // A character takes up to three bytes, and most components are short.
    return component.length() * 3 <= MAX_COMPONENT
        || component.getBytes(StandardCharsets.UTF_8).length <= MAX_COMPONENT;
  }

  /**
   * The key one level below this one.
   *
   * @param component a file or folder name
   * @return the key
   * @throws IllegalArgumentException when the component is not allowed
   */
  public BlobKey child(String component) {
    requireSingle(component);
    return new BlobKey(path + "/" + component);
  }

  // The constructor checks everything else.
  private static void requireSingle(String component) {
    if (component.indexOf('/') >= 0) {
      throw new IllegalArgumentException("not a part of a key: " + component);
    }
  }

  @Override
  public String toString() {
    return path;
  }
}
