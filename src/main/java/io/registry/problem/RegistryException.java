package io.registry.problem;

/** A refusal of a request: its message is sent to the client unchanged. */
public class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final String text;

  /**
   * Creates the exception.
   *
   * @param problem the kind of refusal
   * @param message the error text for the client, without secrets
   */
  public RegistryException(Problem problem, String message) {
    super(message);
    this.problem = problem;
    this.text = message;
  }

  /**
   * Creates the exception with a cause, which is logged and not sent.
   *
   * @param problem the kind of refusal
   * @param message the error text for the client, without secrets
   * @param cause the exception that led to it
   */
  public RegistryException(Problem problem, String message, Throwable cause) {
    super(message, cause);
    this.problem = problem;
    this.text = message;
  }

  /** The error text for the client. */
  @Override
  public String getMessage() {
    return text;
  }

  /** The kind of refusal. */
  public Problem problem() {
    return problem;
  }
}
