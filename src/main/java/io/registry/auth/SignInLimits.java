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

  private final Allowances failuresOfAddresses;
  private final Allowances failuresOfAccounts;
  private final Allowances requests;
  private final Cache<String, Boolean> known;

  SignInLimits(SignInLimitProperties settings, TimeMeter time) {
    this.failuresOfAddresses = new Allowances(settings.failuresPerAddress(), time);
    this.failuresOfAccounts = new Allowances(settings.failuresPerAccount(), time);
    this.requests = new Allowances(settings.requestsPerAddress(), time);
    this.known =
        Caffeine.newBuilder()
            .maximumSize(Allowances.MAX_REMEMBERED)
            .expireAfterWrite(KNOWN)
            .ticker(time::currentTimeNanos)
            .build();
  }

  /**
   * Counts a request for a sign-in or a token, whatever comes of it.
   *
   * @param address the address of the client
   * @return how long to wait, in whole seconds; nothing when it may be answered now
   */
  public Optional<Duration> request(String address) {
    return requests.take(Origins.of(address)).map(SignInLimits::wholeSeconds);
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
    return known.getIfPresent(pair) == null ? stranger(origin, pair) : familiar(pair);
  }

  // Daemons send the password with many requests at once: none of them has to wait for another
  // one, and each that fails is counted, also those beyond the bound.
  private SignInAttempt familiar(String pair) {
    return failuresOfAccounts
        .look(pair)
        .map(wait -> SignInAttempt.throttled(wholeSeconds(wait)))
        .orElseGet(
            () ->
                new SignInAttempt(
                    () -> known.put(pair, true), () -> failuresOfAccounts.owe(pair), () -> {}));
  }

  // Counted as a failure until it is none, or ten thousand at once would all be let through.
  private SignInAttempt stranger(String origin, String pair) {
    Optional<Duration> wait = failuresOfAddresses.take(origin);
    if (wait.isEmpty()) {
      wait = failuresOfAccounts.take(pair);
      if (wait.isPresent()) {
        failuresOfAddresses.giveBack(origin);
      }
    }
    Runnable giveBack =
        () -> {
          failuresOfAddresses.giveBack(origin);
          failuresOfAccounts.giveBack(pair);
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
