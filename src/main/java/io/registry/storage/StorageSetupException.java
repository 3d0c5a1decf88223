package io.registry.storage;

import io.registry.problem.SetupException;

/**
 * The store cannot be used with the current setup. The exception says what the operator has to
 * change.
 */
public class StorageSetupException extends SetupException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param problem what is wrong, with the name of the property and without secrets
   * @param remedy what the operator can do
   */
  public StorageSetupException(String problem, String remedy) {
    super(problem, remedy);
  }

  /**
   * Creates the exception with a cause.
   *
   * @param problem what is wrong, with the name of the property and without secrets
   * @param remedy what the operator can do
   * @param cause what the store or the client library reported
   */
  public StorageSetupException(String problem, String remedy, Throwable cause) {
    super(problem, remedy, cause);
  }
}
