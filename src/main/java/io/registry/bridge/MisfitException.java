package io.registry.bridge;

/** A JSON text that Go refuses to decode. It names the field, not its value. */
final class MisfitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String reason;

  MisfitException(String reason) {
    this("", reason);
  }

  private MisfitException(String field, String reason) {
    super(reason, null, false, false);
    this.field = field;
    this.reason = reason;
  }

  /** Returns the field, if there is one, and why Go refuses it. */
  String description() {
    return field.isEmpty() ? reason : field + ": " + reason;
  }

  /** Returns the same misfit as seen from the object that contains the field. */
  MisfitException within(String object) {
    return new MisfitException(field.isEmpty() ? object : object + "." + field, reason);
  }
}
