package io.registry.problem;

/** The registry cannot start with the settings that it has: says what to change. */
public class SetupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  /**
   * Settings that cannot be worked with.
   *
   * @param problem what is wrong, naming the setting and what it is about, without secrets
   * @param remedy what the operator can do
   */
  public SetupException(String problem, String remedy) {
    super(problem);
    this.remedy = remedy;
  }

  /**
   * Settings that cannot be worked with.
   *
   * @param problem what is wrong, naming the setting and what it is about, without secrets
   * @param remedy what the operator can do
   * @param cause what led to it
   */
  public SetupException(String problem, String remedy, Throwable cause) {
    super(problem, cause);
    this.remedy = remedy;
  }

  /** What the operator can do. */
  public final String remedy() {
    return remedy;
  }
}
