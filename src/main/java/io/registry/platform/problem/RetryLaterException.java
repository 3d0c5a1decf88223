package io.registry.platform.problem;

import java.time.Duration;

/** A refusal after which the client may try again later. */
public class RetryLaterException extends RegistryException {
  private static final long serialVersionUID = 1L;

  private final Duration wait;

  /**
   * Creates the exception.
   *
   * @param problem the kind of refusal
   * @param message the error text for the client, without secrets
   * @param wait how long to wait, in whole seconds
   */
  public RetryLaterException(Problem problem, String message, Duration wait) {
    super(problem, message);
    this.wait = wait;
  }

  /** How long to wait before the next attempt, in whole seconds. */
  public Duration after() {
    return wait;
  }
}
