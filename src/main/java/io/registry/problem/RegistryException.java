package io.registry.problem;

/** A refusal that is meant for the client: its message is sent as it stands. */
public class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final Subject subject;
  private final String text;

  /**
   * A refusal.
   *
   * @param problem the kind of refusal
   * @param message what was wrong, in words for the client, without secrets
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
   * A refusal with the failure that led to it, which is logged and not sent.
   *
   * @param problem the kind of refusal
   * @param message what was wrong, in words for the client, without secrets
   * @param cause what led to it
   */
  public RegistryException(Problem problem, String message, Throwable cause) {
    super(message, cause);
    this.problem = problem;
    this.subject = Subject.OTHER;
    this.text = message;
  }

  /** What was wrong, in words for the client. */
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
