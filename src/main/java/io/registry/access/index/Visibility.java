package io.registry.access.index;

/** The visibility of a repository. */
public enum Visibility {
  /** Every client may pull. */
  PUBLIC,
  /** Only members of the namespace may pull. */
  PRIVATE
}
