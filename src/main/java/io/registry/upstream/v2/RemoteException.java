package io.registry.upstream.v2;

/** Says that another registry refuses a request, or does not answer. */
public final class RemoteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RemoteException(String message) {
    super(message);
  }

  RemoteException(String message, Throwable cause) {
    super(message, cause);
  }
}
