package io.registry.storage;

/** The store is not set up so that the registry could work with it: says what to change. */
public class StorageSetupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  /**
   * A store that cannot be used as it is.
   *
   * @param problem what is wrong, naming the property and what it is about, without secrets
   * @param remedy what the operator can do
   */
  public StorageSetupException(String problem, String remedy) {
    super(problem);
    this.remedy = remedy;
  }

  /**
   * A store that cannot be used as it is.
   *
   * @param problem what is wrong, naming the property and what it is about, without secrets
   * @param remedy what the operator can do
   * @param cause what the store or the client library said
   */
  public StorageSetupException(String problem, String remedy, Throwable cause) {
    super(problem, cause);
    this.remedy = remedy;
  }

  /** What the operator can do. */
  public String remedy() {
    return remedy;
  }
}
