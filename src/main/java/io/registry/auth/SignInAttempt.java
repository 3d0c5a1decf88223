package io.registry.auth;

import java.time.Duration;
import java.util.Optional;

/**
 * A sign-in that somebody tries. Say how it ended; when it is closed before, it counts as if it had
 * never been tried.
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

  /** One that has to wait. */
  static SignInAttempt throttled(Duration wait) {
    return new SignInAttempt(wait);
  }

  /**
   * How long whoever tries has to wait; nothing when the password may be checked now. Check none as
   * long as there is something, not even a right one: that would tell that it is right.
   *
   * @return whole seconds, at least one
   */
  public Optional<Duration> mustWait() {
    return wait;
  }

  /** The password was right, whether or not the account may be used. */
  public void succeeded() {
    end(success);
  }

  /** The password was wrong, or there is no such account. */
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
