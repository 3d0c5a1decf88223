package io.registry.events;

/** A request to a receiver failed. The message contains neither the URL nor a secret. */
final class PostFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PostFailure(String message) {
    super(message);
  }

  PostFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
