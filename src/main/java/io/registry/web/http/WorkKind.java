package io.registry.web.http;

/** The kinds of requests, each of which has its own limit. */
public enum WorkKind {
  /** Small requests that only read, and have small answers. */
  METADATA("metadata"),
  /** Small requests that change something, whose bodies may arrive slowly. */
  CHANGE("changes"),
  /** The upload of a layer. */
  UPLOAD("uploads"),
  /** The download of a layer. */
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
