package io.registry.platform.problem;

/** A refusal of a request: its message is sent to the client unchanged. */
public class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final Subject subject;
  private final String text;

  /**
   * Creates the exception.
   *
   * @param problem the kind of refusal
   * @param message the error text for the client, without secrets
   */
  public RegistryException(Problem problem, String message) {
    this(problem, Subject.OTHER, message);
  }

  /**
   * A refusal that says what it is about.
   *
   * @param problem the kind of refusal
   * @param subject what it is about
   * @param message what was wrong, in words for the client, without secrets
   */
  public RegistryException(Problem problem, Subject subject, String message) {
    super(message);
    this.problem = problem;
    this.subject = subject;
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
    this.subject = Subject.OTHER;
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

  /** What the refusal is about. */
  public Subject subject() {
    return subject;
  }
}
