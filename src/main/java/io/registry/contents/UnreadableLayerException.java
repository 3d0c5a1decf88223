package io.registry.contents;

/** The stored bytes are not a layer that a client could unpack. Its message says why. */
public final class UnreadableLayerException extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableLayerException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
