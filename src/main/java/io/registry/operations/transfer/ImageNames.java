package io.registry.operations.transfer;

import io.registry.operations.transfer.Found.Name;

/** Names of images as programs write them. */
final class ImageNames {
  private static final String LATEST = "latest";

  private ImageNames() {}

  /**
   * Splits a name.
   *
   * @param text {@code [HOST/]REPOSITORY[:TAG]}, or a tag alone
   * @return the name; the repository is empty when there is only a tag
   */
  static Name of(String text) {
    int colon = text.lastIndexOf(':');
    boolean tagged = colon > text.lastIndexOf('/');
    if (!tagged && text.indexOf('/') < 0) {
      // Skopeo and oras write the tag of a layout.
      return new Name("", text);
    }
    String repository = tagged ? text.substring(0, colon) : text;
    return new Name(withoutHost(repository), tagged ? text.substring(colon + 1) : LATEST);
  }

  /** The repository of a name, where Docker's rule tells hosts from namespaces. */
  static String withoutHost(String repository) {
    int slash = repository.indexOf('/');
    String first = slash < 0 ? "" : repository.substring(0, slash);
    boolean isHost =
        first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
    return isHost ? repository.substring(slash + 1) : repository;
  }
}
