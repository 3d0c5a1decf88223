package io.registry.access.index;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Computes and compares the hashes of users' passwords. A hash takes a processor for about a tenth
 * of a second, so only some are computed concurrently: clients that guess must not slow down all
 * others.
 */
final class PasswordHashes {
  /** Compared in place of a password that is too long; it must not be empty. */
  private static final String WRONG = "-";

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final PasswordEncoder encoder;
  private final Semaphore processors;
  private final Duration patience;
  private final PasswordRules rules;
  private final String nobodys;

  /**
   * Creates the hashes.
   *
   * @param encoder computes a hash
   * @param concurrent up to how many hashes are computed concurrently
   * @param patience how long a request waits for its turn
   * @param rules checks new passwords
   */
  PasswordHashes(PasswordEncoder encoder, int concurrent, Duration patience, PasswordRules rules) {
    this.rules = rules;
    this.encoder = encoder;
    this.processors = new Semaphore(concurrent, true);
    this.patience = patience;
    this.nobodys = hash(Secrets.random());
  }

  /**
   * Computes the hash of a new password.
   *
   * @throws RegistryException {@code INVALID} when it breaks a rule, {@code UNAVAILABLE} when too
   *     many hashes are computed now
   */
  final String hash(String password) {
    rules.require(password);
    return inTurn(() -> Objects.requireNonNull(encoder.encode(password)));
  }

  /**
   * Compares a password with a hash. Takes as long when there is no hash, so that the time does not
   * reveal whether an account exists.
   *
   * @throws RegistryException {@code UNAVAILABLE} when too many passwords are checked now
   */
  boolean matches(String password, Optional<String> hash) {
    boolean comparable = hash.isPresent() && !PasswordRules.isTooLong(password);
    // An empty password would take no time: encoders refuse it without computing a hash.
    boolean matches =
        inTurn(
            () ->
                encoder.matches(
                    comparable ? password : WRONG, comparable ? hash.orElseThrow() : nobodys));
    return comparable && matches;
  }

  private <T> T inTurn(Supplier<T> computation) {
    boolean entered = false;
    try {
      entered = processors.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (entered) {
        return computation.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (entered) {
        processors.release();
      }
    }
    throw new RetryLaterException(
        Problem.UNAVAILABLE, "Too many passwords are checked: try again later", RETRY_AFTER);
  }
}
