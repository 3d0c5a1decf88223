package io.registry.mirror;

import org.jspecify.annotations.Nullable;

/** The source did not give an answer that says yes or no. The message is for the log. */
final class SourceFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What can be concluded from it. */
  enum Kind {
    /** May pass: worth another attempt. */
    TRANSIENT,
    /** The source fails, and another attempt would not help. */
    PERMANENT,
    /** The source works, but this answer is none. */
    ANSWER,
    /** The source was not asked. */
    NOT_ASKED
  }

  private final Kind kind;

  SourceFailure(Kind kind, String message) {
    this(kind, message, null);
  }

  SourceFailure(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
