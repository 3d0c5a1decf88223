package io.registry.auth;

import org.jspecify.annotations.Nullable;

/** The index did not give an answer that says yes or no. The message is for the log. */
final class IndexFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What can be concluded from it. */
  enum Kind {
    /** May pass: worth another attempt. */
    TRANSIENT,
    /** The index fails, and another attempt would not help. */
    PERMANENT,
    /** The index works, but this answer is none. */
    ANSWER,
    /** The index was not asked. */
    NOT_ASKED
  }

  private final Kind kind;

  IndexFailure(Kind kind, String message) {
    this(kind, message, null);
  }

  IndexFailure(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
