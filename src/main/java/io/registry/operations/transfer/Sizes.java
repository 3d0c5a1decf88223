package io.registry.operations.transfer;

/** Limits. */
final class Sizes {
  /** The largest manifest, configuration or list that is read into memory, in bytes. */
  static final int MAX_DOCUMENT = 64 * 1024 * 1024;

  private Sizes() {}
}
