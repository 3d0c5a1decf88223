package io.registry.access.index;

import java.util.Optional;

/** Checks passwords against the hashes in the database. */
final class StoredPasswords implements PasswordCheck {
  private final PasswordHashes hashes;

  StoredPasswords(PasswordHashes hashes) {
    this.hashes = hashes;
  }

  @Override
  public Optional<Account> check(String name, String password, Optional<AccountRows.Row> stored) {
    boolean matches = hashes.matches(password, stored.flatMap(AccountRows.Row::hash));
    return matches ? stored.map(AccountRows.Row::account) : Optional.empty();
  }
}
