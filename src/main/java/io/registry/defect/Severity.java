package io.registry.defect;

/** How much a defect matters to those who pull. */
public enum Severity {
  /** Something cannot be pulled, or is not what was pushed. */
  ERROR,
  /** Nothing is lost yet, or it is served in spite of the defect. */
  WARNING,
  /** Worth knowing; nothing is wrong. */
  NOTE
}
