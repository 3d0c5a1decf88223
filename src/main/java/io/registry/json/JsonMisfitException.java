package io.registry.json;

/** A document is not of the form that is wanted. The message says where, without the value. */
public final class JsonMisfitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JsonMisfitException(String message) {
    // Without Jackson's exception, whose message holds the value.
    super(message);
  }
}
