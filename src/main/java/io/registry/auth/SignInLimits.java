package io.registry.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Bounds how often passwords may be guessed, and tokens be asked for, in this process.
 *
 * <p>Failures are counted for each address, and for each account <em>at each address</em>: whoever
 * guesses the password of somebody else does not lock him out, because he comes from another
 * address. And where somebody has signed in lately, he is not locked out by what others at the same
 * address do, who may be behind the same router: there only his own failures count.
 */
public final class SignInLimits {
  /** So long somebody is known at an address after a sign-in. */
  private static final Duration KNOWN = Duration.ofDays(1);

  private static final int MAX_NAME = 256;

  private final TimeMeter time;
  private final Cache<String, Boolean> known;
  private volatile Bounds bounds;

  /** What is counted. */
  private record Bounds(
      SignInLimitProperties settings,
      RateLimiters failuresOfAddresses,
      RateLimiters failuresOfAccounts,
      RateLimiters requests) {

    static Bounds of(SignInLimitProperties settings, TimeMeter time) {
      return new Bounds(
          settings,
          new RateLimiters(settings.failuresPerAddress(), time),
          new RateLimiters(settings.failuresPerAccount(), time),
          new RateLimiters(settings.requestsPerAddress(), time));
    }
  }

  SignInLimits(SignInLimitProperties settings, TimeMeter time) {
    this.time = time;
    this.bounds = Bounds.of(settings, time);
    this.known =
        Caffeine.newBuilder()
            .maximumSize(RateLimiters.MAX_REMEMBERED)
            .expireAfterWrite(KNOWN)
            .ticker(time::currentTimeNanos)
            .build();
  }

  /** The bounds that hold. */
  public SignInLimitProperties settings() {
    return bounds.settings();
  }

  /** From now on these hold. What was counted is forgotten, and who is known where is not. */
  public void renew(SignInLimitProperties settings) {
    bounds = Bounds.of(settings, time);
  }

  /**
   * Counts a request for a sign-in or a token, whatever comes of it.
   *
   * @param address the address of the client
   * @return how long to wait, in whole seconds; nothing when it may be answered now
   */
  public Optional<Duration> request(String address) {
    return bounds.requests().take(Origins.of(address)).map(SignInLimits::wholeSeconds);
  }

  /**
   * Begins to try a password. Nobody can try more at once than one after the other.
   *
   * @param address the address of the client
   * @param account the name that is claimed
   * @return the attempt, which may have to wait
   */
  public SignInAttempt begin(String address, String account) {
    String origin = Origins.of(address);
    String name = account.substring(0, Math.min(account.length(), MAX_NAME));
    String pair = origin + " " + name.toLowerCase(Locale.ROOT);
    Bounds now = bounds;
    return known.getIfPresent(pair) == null ? stranger(now, origin, pair) : familiar(now, pair);
  }

  // Daemons send the password with many requests at once: none of them has to wait for another
  // one, and each that fails is counted, also those beyond the bound.
  private SignInAttempt familiar(Bounds now, String pair) {
    return now.failuresOfAccounts()
        .look(pair)
        .map(wait -> SignInAttempt.throttled(wholeSeconds(wait)))
        .orElseGet(
            () ->
                new SignInAttempt(
                    () -> known.put(pair, true),
                    () -> now.failuresOfAccounts().owe(pair),
                    () -> {}));
  }

  // Counted as a failure until it is none, or ten thousand at once would all be let through.
  private SignInAttempt stranger(Bounds now, String origin, String pair) {
    Optional<Duration> wait = now.failuresOfAddresses().take(origin);
    if (wait.isEmpty()) {
      wait = now.failuresOfAccounts().take(pair);
      if (wait.isPresent()) {
        now.failuresOfAddresses().giveBack(origin);
      }
    }
    Runnable giveBack =
        () -> {
          now.failuresOfAddresses().giveBack(origin);
          now.failuresOfAccounts().giveBack(pair);
        };
    return wait.map(time -> SignInAttempt.throttled(wholeSeconds(time)))
        .orElseGet(
            () ->
                new SignInAttempt(
                    () -> {
                      known.put(pair, true);
                      giveBack.run();
                    },
                    () -> {},
                    giveBack));
  }

  private static Duration wholeSeconds(Duration wait) {
    return Duration.ofSeconds(wait.plusNanos(999_999_999).toSeconds());
  }
}
