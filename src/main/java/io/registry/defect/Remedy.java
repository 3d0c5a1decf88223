package io.registry.defect;

/** What can be done about a defect without losing anything. */
public enum Remedy {
  /** Nothing that a program could decide. */
  NONE,
  /** The file is moved out of the way; the next push writes a new one. */
  SET_ASIDE,
  /** The ancestry is written anew from the parents. */
  REBUILD,
  /** The file is removed when the store has the same bytes in their place. */
  REMOVE_COPY
}
