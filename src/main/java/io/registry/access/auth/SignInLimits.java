package io.registry.access.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Limits how often clients may guess passwords and request tokens, in this process.
 *
 * <p>Failures are counted per address, and per account <em>at each address</em>: an attacker that
 * guesses the password of an account does not lock out its owner, who uses another address. After a
 * successful sign-in an account is known at its address for a day: failures of other accounts at
 * that address, which may share a router, do not lock it out; only its own failures count.
 */
public final class SignInLimits {
  /** How long an account is known at an address after a sign-in. */
  private static final Duration KNOWN = Duration.ofDays(1);

  /** The one key of what is counted for all addresses together. */
  private static final String EVERYBODY = "";

  private static final int MAX_NAME = 256;

  private final TimeMeter time;
  private final Cache<String, Boolean> known;
  private volatile Bounds bounds;

  /** The current limits. */
  private record Bounds(
      SignInLimitProperties settings,
      RateLimiters failuresOfAddresses,
      RateLimiters failuresOfAccounts,
      RateLimiters requests,
      RateLimiters registrations) {

    static Bounds of(SignInLimitProperties settings, TimeMeter time) {
      return new Bounds(
          settings,
          new RateLimiters(settings.failuresPerAddress(), time),
          new RateLimiters(settings.failuresPerAccount(), time),
          new RateLimiters(settings.requestsPerAddress(), time),
          new RateLimiters(settings.registrations(), time));
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

  /** The current settings. */
  public SignInLimitProperties settings() {
    return bounds.settings();
  }

  /**
   * Puts new settings into effect. Counted failures are forgotten; which account is known at which
   * address is not.
   */
  public void renew(SignInLimitProperties settings) {
    bounds = Bounds.of(settings, time);
  }

  /**
   * Counts a request for a sign-in or a token, whatever its outcome.
   *
   * @param address the address of the client
   * @return how long to wait, in whole seconds; empty when the request may be answered now
   */
  public Optional<Duration> request(String address) {
    return bounds.requests().take(ClientNetworks.of(address)).map(SignInLimits::wholeSeconds);
  }

  /**
   * Counts an account that a client wants to create for itself, whatever its outcome and address.
   *
   * @return how long to wait, in whole seconds; empty when the account may be created now
   */
  public Optional<Duration> registration() {
    return bounds.registrations().take(EVERYBODY).map(SignInLimits::wholeSeconds);
  }

  /**
   * Begins an attempt to sign in. Concurrent attempts do not get around the limits.
   *
   * @param address the address of the client
   * @param account the name that the client claims
   * @return the attempt, which may have to wait
   */
  public SignInAttempt begin(String address, String account) {
    String origin = ClientNetworks.of(address);
    String name = account.substring(0, Math.min(account.length(), MAX_NAME));
    String pair = origin + " " + name.toLowerCase(Locale.ROOT);
    Bounds now = bounds;
    return known.getIfPresent(pair) == null ? stranger(now, origin, pair) : familiar(now, pair);
  }

  // Daemons send the password with many concurrent requests: none of these waits for another one,
  // and each that fails is counted, even beyond the limit.
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

  // Counts as a failure until it succeeds; else thousands of concurrent attempts would all pass.
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
