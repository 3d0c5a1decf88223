package io.registry.index;

/** Who sees a repository. */
public enum Visibility {
  /** Everybody may pull. */
  PUBLIC,
  /** Members of its namespace only. */
  PRIVATE
}
