package io.registry.auth;

import org.jspecify.annotations.Nullable;

/** The remote index gave no answer that means yes or no. The message is for the log. */
final class IndexFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the failure means for further attempts. */
  enum Kind {
    /** Temporary: a retry may help. */
    TRANSIENT,
    /** The index fails, and a retry would not help. */
    PERMANENT,
    /** The index works, but its answer is not usable. */
    ANSWER,
    /** The registry did not send the question. */
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
