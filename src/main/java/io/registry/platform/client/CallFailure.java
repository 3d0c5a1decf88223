package io.registry.platform.client;

import org.jspecify.annotations.Nullable;

/** Another server gave no usable answer. The message is for the log. */
public final class CallFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the failure means for further attempts. */
  public enum Kind {
    /** Temporary: a retry may help. */
    TRANSIENT,
    /** The server fails, and a retry would not help. */
    PERMANENT,
    /** The server works, but its answer is not usable. */
    ANSWER,
    /** The registry did not send the question. */
    NOT_ASKED
  }

  private final Kind kind;

  /** A failure of the server or of its answer. */
  public CallFailure(Kind kind, String message) {
    this(kind, message, null);
  }

  /** A failure that another one has caused. */
  public CallFailure(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What the failure means for further attempts. */
  public Kind kind() {
    return kind;
  }
}
