package io.registry.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Takes each dated signature once, and none that is too old for that to be known. */
final class SignatureWindow {
  /** So many signatures are remembered; they take about 20 MB. */
  static final int MAX_SEEN = 100_000;

  private final Clock clock;
  private final Duration window;

  /** By the clock that the dates are compared with: setting it back brings nothing back. */
  private final Cache<ByteBuffer, Instant> seen;

  SignatureWindow(Clock clock, Duration window) {
    this.clock = clock;
    this.window = window;
    this.seen =
        Caffeine.newBuilder()
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .expireAfter(Expiry.<ByteBuffer, Instant>creating((signature, date) -> life(date)))
            .build();
  }

  /**
   * Takes a signature that one of the keys has made.
   *
   * @param signature its bytes
   * @param date the date that was signed
   * @return why it is not taken; nothing when it is
   */
  Optional<String> take(byte[] signature, Instant date) {
    if (Duration.between(date, clock.instant()).abs().compareTo(window) > 0) {
      return Optional.of("The date of the signature is too far from now");
    }
    if (seen.estimatedSize() >= MAX_SEEN) {
      seen.cleanUp();
      // To forget one would be to take it again.
      if (seen.estimatedSize() >= MAX_SEEN) {
        return Optional.of("Too many signed requests");
      }
    }
    return seen.asMap().putIfAbsent(key(signature), date) == null
        ? Optional.empty()
        : Optional.of("The signature was used before");
  }

  private Duration life(Instant date) {
    return Duration.between(clock.instant(), date.plus(window)).plusSeconds(1);
  }

  private static ByteBuffer key(byte[] signature) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(signature));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
