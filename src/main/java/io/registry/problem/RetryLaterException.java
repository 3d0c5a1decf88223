package io.registry.problem;

import java.time.Duration;

/** A refusal that may be none after a while. */
public class RetryLaterException extends RegistryException {
  private static final long serialVersionUID = 1L;

  private final Duration wait;

  /**
   * A refusal.
   *
   * @param problem the kind of refusal
   * @param message what was wrong, in words for the client, without secrets
   * @param wait how long to wait, in whole seconds
   */
  public RetryLaterException(Problem problem, String message, Duration wait) {
    super(problem, message);
    this.wait = wait;
  }

  /** How long to wait before the next try, in whole seconds. */
  public Duration after() {
    return wait;
  }
}
