package io.registry.access.index;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Caches successful password checks for a short time, because daemons send the password with each
 * request, and a check is slow on purpose. The cache key is a hash that is of use in this process
 * only, of the password and the account's version.
 */
final class RememberedPasswords implements PasswordCheck {
  static final Duration MEMORY = Duration.ofMinutes(5);
  private static final int MOST = 10_000;

  private final PasswordCheck check;
  private final Supplier<String> version;
  private final byte[] key = Secrets.bytes(32);
  private final Cache<String, Account> right;

  /**
   * Creates the cache.
   *
   * @param version a text that changes when passwords are changed elsewhere
   */
  RememberedPasswords(PasswordCheck check, Supplier<String> version, Clock clock) {
    this.check = check;
    this.version = version;
    Ticker ticker = () -> TimeUnit.MILLISECONDS.toNanos(clock.millis());
    this.right =
        Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(MEMORY).ticker(ticker).build();
  }

  @Override
  public Optional<Account> check(String name, String password, Optional<AccountRows.Row> stored) {
    Optional<Account> known =
        stored.flatMap(
            row -> Optional.ofNullable(right.getIfPresent(hash(row.account(), password))));
    if (known.isPresent()) {
      return known;
    }
    Optional<Account> checked = check.check(name, password, stored);
    checked.ifPresent(account -> right.put(hash(account, password), account));
    return checked;
  }

  private String hash(Account account, String password) {
    return Secrets.base64(
        Secrets.hmac(
            key,
            List.of(account.name(), String.valueOf(account.version()), version.get(), password)));
  }
}
