package io.registry.bridge;

/** A pushed image that V1 cannot express. The message is the reason, as a sentence. */
final class NoViewException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoViewException(String reason) {
    super(reason, null, false, false);
  }
}
