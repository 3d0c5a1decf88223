package io.registry.content.files;

/** The stored bytes are not a layer that a client could unpack. */
public final class UnreadableLayerException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  UnreadableLayerException(String reason, Throwable cause) {
    super(reason, cause);
    this.reason = reason;
  }

  /** Why no client can unpack the layer. */
  public String reason() {
    return reason;
  }
}
