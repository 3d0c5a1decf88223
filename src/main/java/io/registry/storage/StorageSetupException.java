package io.registry.storage;

import io.registry.problem.SetupException;

/** The store is not set up so that the registry could work with it: says what to change. */
public class StorageSetupException extends SetupException {
  private static final long serialVersionUID = 1L;

  /**
   * A store that cannot be used as it is.
   *
   * @param problem what is wrong, naming the property and what it is about, without secrets
   * @param remedy what the operator can do
   */
  public StorageSetupException(String problem, String remedy) {
    super(problem, remedy);
  }

  /**
   * A store that cannot be used as it is.
   *
   * @param problem what is wrong, naming the property and what it is about, without secrets
   * @param remedy what the operator can do
   * @param cause what the store or the client library said
   */
  public StorageSetupException(String problem, String remedy, Throwable cause) {
    super(problem, remedy, cause);
  }
}
