package io.registry.platform.problem;

/**
 * The registry cannot start with its settings. The exception says what the operator has to change.
 */
public final class SetupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  /**
   * Creates the exception.
   *
   * @param problem what is wrong, with the name of the setting and without secrets
   * @param remedy what the operator can do
   */
  public SetupException(String problem, String remedy) {
    super(problem);
    this.remedy = remedy;
  }

  /**
   * Creates the exception with a cause.
   *
   * @param problem what is wrong, with the name of the setting and without secrets
   * @param remedy what the operator can do
   * @param cause the exception that led to it
   */
  public SetupException(String problem, String remedy, Throwable cause) {
    super(problem, cause);
    this.remedy = remedy;
  }

  /** What the operator can do. */
  public String remedy() {
    return remedy;
  }
}
