package io.registry.platform.json;

/**
 * A JSON document does not have the required form. The message says where, without quoting a value.
 */
public final class JsonMisfitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JsonMisfitException(String message) {
    // Jackson's exception is not the cause, because its message quotes the value.
    super(message);
  }
}
