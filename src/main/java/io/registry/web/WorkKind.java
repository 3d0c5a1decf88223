package io.registry.web;

/** The kinds of requests that are bounded each on its own. */
public enum WorkKind {
  /** Small requests and small answers. */
  METADATA("metadata"),
  /** A layer on its way here. */
  UPLOAD("uploads"),
  /** A layer on its way to a client. */
  DOWNLOAD("downloads");

  private final String label;

  WorkKind(String label) {
    this.label = label;
  }

  /** What settings and meters call it. */
  public String label() {
    return label;
  }
}
