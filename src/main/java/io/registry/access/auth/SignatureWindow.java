package io.registry.access.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.commons.codec.digest.DigestUtils;

/** Accepts each dated signature once, and refuses signatures that are too old to be remembered. */
final class SignatureWindow {
  /** The largest number of signatures in memory; they take about 20 MB. */
  static final int MAX_SEEN = 100_000;

  private final Clock clock;
  private final Duration window;

  /**
   * Expires by the same clock that dates are compared with, so that setting the clock back makes no
   * used signature valid again.
   */
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
   * Accepts a signature that one of the keys has made.
   *
   * @param signature its bytes
   * @param date the date that was signed
   * @return why it is refused; empty when it is accepted
   */
  Optional<String> take(byte[] signature, Instant date) {
    if (Duration.between(date, clock.instant()).abs().compareTo(window) > 0) {
      return Optional.of("The date of the signature is too far from now");
    }
    if (seen.estimatedSize() >= MAX_SEEN) {
      seen.cleanUp();
      // Evicting a signature would allow it to be used again.
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
    return ByteBuffer.wrap(DigestUtils.sha256(signature));
  }
}
