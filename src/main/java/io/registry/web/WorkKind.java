package io.registry.web;

/** The kinds of requests that are bounded each on its own. */
public enum WorkKind {
  /** Small requests that only read, and have small answers. */
  METADATA("metadata"),
  /** Small requests that change something, whose bodies may come slowly. */
  CHANGE("changes"),
  /** A layer on its way here. */
  UPLOAD("uploads"),
  /** A layer on its way to a client. */
  DOWNLOAD("downloads");

  private final String label;

  WorkKind(String label) {
    this.label = label;
  }

  /**
   * The kind of a small request. Only who changes something is waited for, until all that he sends
   * is here.
   */
  public static WorkKind small(String method) {
    return switch (method) {
      case "PUT", "POST", "PATCH", "DELETE" -> CHANGE;
      default -> METADATA;
    };
  }

  /** What settings and meters call it. */
  public String label() {
    return label;
  }
}
