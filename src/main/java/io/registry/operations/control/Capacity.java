package io.registry.operations.control;

/**
 * The number of concurrent requests, which an operator can raise and lower by signals (TTIN and
 * TTOU).
 */
public interface Capacity {

  /** Raises it by one step. Returns the new limits, for the log. */
  String raise();

  /** Lowers it by one step, but not to zero. Returns the new limits, for the log. */
  String lower();
}
