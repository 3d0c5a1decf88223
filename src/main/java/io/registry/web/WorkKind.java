package io.registry.web;

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

  /** The name in settings and metrics. */
  public String label() {
    return label;
  }
}
