package io.registry.web.http;

/** Holds the limits that are in effect, which may change at run time. */
public final class CurrentLimits {
  private volatile LimitProperties limits;

  /**
   * Creates the holder.
   *
   * @param limits the limits at the start
   */
  public CurrentLimits(LimitProperties limits) {
    this.limits = limits;
  }

  /** The current limits. */
  public LimitProperties get() {
    return limits;
  }

  /** Replaces the limits, for requests that begin from now on. */
  void set(LimitProperties next) {
    limits = next;
  }
}
