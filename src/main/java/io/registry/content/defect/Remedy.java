package io.registry.content.defect;

/** How a defect can be repaired without losing data. */
public enum Remedy {
  /** Not automatically. */
  NONE,
  /** Move the file out of the way; the next push writes a new one. */
  SET_ASIDE,
  /** Write the ancestry again from the parents. */
  REBUILD,
  /** Delete the file if the store has the same bytes in the right place. */
  REMOVE_COPY
}
