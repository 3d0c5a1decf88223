package io.registry.auth;

import io.registry.problem.SetupException;

/**
 * The settings of access control are invalid. The exception says what the operator has to change.
 */
public class AuthSetupException extends SetupException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param problem what is wrong, with the name of the property and without secrets
   * @param remedy what the operator can do
   */
  public AuthSetupException(String problem, String remedy) {
    super(problem, remedy);
  }

  /**
   * Creates the exception with a cause.
   *
   * @param problem what is wrong, with the name of the property and without secrets
   * @param remedy what the operator can do
   * @param cause the exception that led to it
   */
  public AuthSetupException(String problem, String remedy, Throwable cause) {
    super(problem, remedy, cause);
  }
}
