package io.registry.problem;

/** A refusal that is meant for the client: its message is sent as it stands. */
public class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final String text;

  /**
   * A refusal.
   *
   * @param problem the kind of refusal
   * @param message what was wrong, in words for the client, without secrets
   */
  public RegistryException(Problem problem, String message) {
    super(message);
    this.problem = problem;
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
}
