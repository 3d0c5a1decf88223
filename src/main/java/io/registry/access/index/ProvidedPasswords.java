package io.registry.access.index;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
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
 * Checks passwords with another provider, for example a directory. A user of that provider gets an
 * account in this registry at the first sign-in.
 */
final class ProvidedPasswords implements PasswordCheck {
  /** The authority by which a provider marks an admin. */
  static final String ADMIN = "registry-admin";

  private static final Logger log = LoggerFactory.getLogger(ProvidedPasswords.class);

  private final AuthenticationProvider provider;
  private final AccountRows accounts;
  private final boolean mayTakeNamespaces;
  private final Clock clock;

  /**
   * Creates the check.
   *
   * @param mayTakeNamespaces whether a new account gets the namespace of its name though there are
   *     repositories in it without an owner
   */
  ProvidedPasswords(
      AuthenticationProvider provider,
      AccountRows accounts,
      boolean mayTakeNamespaces,
      Clock clock) {
    this.provider = provider;
    this.accounts = accounts;
    this.mayTakeNamespaces = mayTakeNamespaces;
    this.clock = clock;
  }

  @Override
  public Optional<Account> check(String name, String password, Optional<AccountRows.Row> stored) {
    Optional<Authentication> known =
        AccountNames.isAccount(name) ? authenticate(name, password) : Optional.empty();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Optional<AccountRows.Row> row = stored.isPresent() ? stored : create(name);
    return row.map(AccountRows.Row::account).map(account -> provided(account, known.get()));
  }

  private Optional<Authentication> authenticate(String name, String password) {
    try {
      Authentication answer =
          provider.authenticate(
              UsernamePasswordAuthenticationToken.unauthenticated(name, password));
      return Optional.ofNullable(answer).filter(Authentication::isAuthenticated);
    } catch (AuthenticationServiceException e) {
      log.warn("Passwords cannot be checked: {}", e.getMessage());
      throw new RegistryException(
          Problem.UNAVAILABLE, "Passwords cannot be checked at the moment", e);
    } catch (AuthenticationException e) {
      log.debug("{} was refused", name, e);
      return Optional.empty();
    }
  }

  private Optional<AccountRows.Row> create(String name) {
    if (!mayTakeNamespaces && accounts.hasAbandonedRepositories(name)) {
      log.warn(
          "{} cannot have an account: there are repositories in the namespace of that name which"
              + " are not owned by any account. Give the namespace an owner first",
          name);
      return Optional.empty();
    }
    accounts.insert(name, "", Optional.empty(), false, false, clock.instant());
    return accounts.find(name);
  }

  /** The registry stores no password that the user would have to change. */
  private static Account provided(Account account, Authentication known) {
    boolean admin =
        known.getAuthorities().stream()
            .anyMatch(authority -> ADMIN.equals(authority.getAuthority()));
    return new Account(
        account.name(),
        account.email(),
        account.active(),
        account.admin() || admin,
        false,
        account.created(),
        account.version());
  }
}
