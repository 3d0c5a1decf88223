package io.registry.mirror;

/** What a mirror does with what is pushed to it. */
public enum Pushes {
  /** Nobody may change anything here. */
  REFUSE,
  /** It is kept here, and the source does not hear of it. */
  LOCAL
}
