package io.registry.content.defect;

/** The severity of a defect for clients that pull. */
public enum Severity {
  /** Something cannot be pulled, or differs from what was pushed. */
  ERROR,
  /** Nothing is lost yet, or the image can be pulled in spite of the defect. */
  WARNING,
  /** Information; nothing is wrong. */
  NOTE
}
