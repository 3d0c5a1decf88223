package io.registry.upstream.mirror;

/** How a mirror treats pushes. */
public enum Pushes {
  /** All changes are refused. */
  REFUSE,
  /** Pushes are stored locally and not sent to the source. */
  LOCAL
}
