package io.registry.operations.transfer;

/** Limits. */
final class Sizes {
  /** The largest manifest, configuration or list that is read into memory, in bytes. */
  static final int MAX_DOCUMENT = 64 * 1024 * 1024;

  /** How deep a manifest may be below the one that has the tag. */
  static final int MAX_NESTED = 64;

  private Sizes() {}
}
