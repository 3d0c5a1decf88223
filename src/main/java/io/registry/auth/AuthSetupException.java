package io.registry.auth;

import io.registry.problem.SetupException;

/** The registry cannot tell who may with the settings that it has: says what to change. */
public class AuthSetupException extends SetupException {
  private static final long serialVersionUID = 1L;

  /**
   * Settings that cannot be worked with.
   *
   * @param problem what is wrong, naming the property and what it is about, without secrets
   * @param remedy what the operator can do
   */
  public AuthSetupException(String problem, String remedy) {
    super(problem, remedy);
  }

  /**
   * Settings that cannot be worked with.
   *
   * @param problem what is wrong, naming the property and what it is about, without secrets
   * @param remedy what the operator can do
   * @param cause what led to it
   */
  public AuthSetupException(String problem, String remedy, Throwable cause) {
    super(problem, remedy, cause);
  }
}
