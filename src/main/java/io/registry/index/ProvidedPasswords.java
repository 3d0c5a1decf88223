package io.registry.index;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;

/**
 * Asks somebody else about passwords, for example a directory. Whoever it knows has an account here
 * from the first sign-in on.
 */
final class ProvidedPasswords implements PasswordCheck {
  private static final Logger log = LoggerFactory.getLogger(ProvidedPasswords.class);

  private final AuthenticationProvider provider;
  private final AccountRows accounts;
  private final Clock clock;

  ProvidedPasswords(AuthenticationProvider provider, AccountRows accounts, Clock clock) {
    this.provider = provider;
    this.accounts = accounts;
    this.clock = clock;
  }

  @Override
  public Optional<Account> check(String name, String password, Optional<AccountRows.Row> stored) {
    if (!Names.isAccount(name) || !provides(name, password)) {
      return Optional.empty();
    }
    Optional<AccountRows.Row> account = stored.isPresent() ? stored : create(name);
    return account.map(AccountRows.Row::account).map(ProvidedPasswords::withoutStoredPassword);
  }

  private boolean provides(String name, String password) {
    try {
      Authentication answer =
          provider.authenticate(
              UsernamePasswordAuthenticationToken.unauthenticated(name, password));
      return answer != null && answer.isAuthenticated();
    } catch (AuthenticationServiceException e) {
      throw new RegistryException(
          Problem.UNAVAILABLE, "Passwords cannot be checked at the moment", e);
    } catch (AuthenticationException e) {
      log.debug("{} was refused", name, e);
      return false;
    }
  }

  private Optional<AccountRows.Row> create(String name) {
    if (accounts.hasAbandonedRepositories(name)) {
      log.warn(
          "{} cannot have an account: there are repositories in the namespace of that name which"
              + " are nobody's. Give the namespace to somebody first",
          name);
      return Optional.empty();
    }
    boolean unused = accounts.insert(name, "", Optional.empty(), false, false, clock.instant());
    return accounts.find(name);
  }

  /** There is no password here that would have to be changed. */
  private static Account withoutStoredPassword(Account account) {
    return new Account(
        account.name(),
        account.email(),
        account.active(),
        account.admin(),
        false,
        account.created(),
        account.version());
  }
}
