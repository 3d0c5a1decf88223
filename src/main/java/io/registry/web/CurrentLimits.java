package io.registry.web;

/** The limits that hold now. */
public final class CurrentLimits {
  private volatile LimitProperties limits;

  /**
   * Limits.
   *
   * @param limits those that hold at the start
   */
  public CurrentLimits(LimitProperties limits) {
    this.limits = limits;
  }

  /** The limits that hold now. */
  public LimitProperties get() {
    return limits;
  }

  /** From now on these hold, for requests that begin. */
  void set(LimitProperties next) {
    limits = next;
  }
}
