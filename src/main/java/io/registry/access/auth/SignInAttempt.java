package io.registry.access.auth;

import java.time.Duration;
import java.util.Optional;

/**
 * An attempt to sign in, counted by {@link SignInLimits}. Report its outcome; an attempt that is
 * closed without one does not count.
 */
public final class SignInAttempt implements AutoCloseable {
  private final Optional<Duration> wait;
  private final Runnable success;
  private final Runnable failure;
  private final Runnable nothing;
  private boolean ended;

  SignInAttempt(Runnable success, Runnable failure, Runnable nothing) {
    this.wait = Optional.empty();
    this.success = success;
    this.failure = failure;
    this.nothing = nothing;
  }

  private SignInAttempt(Duration wait) {
    this.wait = Optional.of(wait);
    this.success = () -> {};
    this.failure = () -> {};
    this.nothing = () -> {};
  }

  /** An attempt that has to wait. */
  static SignInAttempt throttled(Duration wait) {
    return new SignInAttempt(wait);
  }

  /**
   * How long the client has to wait; empty when the password may be checked now. As long as it is
   * not empty, do not check the password: to accept the right one would reveal it.
   *
   * @return whole seconds, at least one
   */
  public Optional<Duration> mustWait() {
    return wait;
  }

  /** Reports that the password was right, whether or not the account may be used. */
  public void succeeded() {
    end(success);
  }

  /** Reports that the password was wrong, or that there is no such account. */
  public void failed() {
    end(failure);
  }

  @Override
  public void close() {
    end(nothing);
  }

  private void end(Runnable how) {
    if (!ended) {
      ended = true;
      how.run();
    }
  }
}
