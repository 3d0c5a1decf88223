package io.registry.mirror;

import org.jspecify.annotations.Nullable;

/** The source gave no answer that means yes or no. The message is for the log. */
final class SourceFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the failure means for further attempts. */
  enum Kind {
    /** Temporary: a retry may help. */
    TRANSIENT,
    /** The source fails, and a retry would not help. */
    PERMANENT,
    /** The source works, but its answer is not usable. */
    ANSWER,
    /** The registry did not send the question. */
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
