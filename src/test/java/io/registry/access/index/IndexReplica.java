package io.registry.access.index;

import io.registry.access.auth.SignIn;
import io.registry.platform.database.Database;
import io.registry.testkit.RegistryServer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The services of one process, on a database that it may share with others. */
record IndexReplica(
    Database database,
    Clock clock,
    Accounts accounts,
    Robots robots,
    Teams teams,
    Namespaces namespaces,
    Permissions permissions,
    IndexedRepositories repositories,
    ImageClaims claims,
    Tokens tokens) {
  static final Duration ROTATION = Duration.ofDays(30);
  static final Duration LIFETIME = Duration.ofHours(12);
  static final String PASSWORD = "correct horse";

  private static final PasswordHashes HASHES =
      new PasswordHashes(
          RegistryServer.quickHashes(), 8, Duration.ofMinutes(1), new PasswordRules(8));

  private static final String HASH = HASHES.hash(PASSWORD);

  static IndexReplica on(DataSource source, Clock clock) {
    Database database = new Database(source);
    return new IndexReplica(
        database,
        clock,
        new Accounts(database, HASHES, clock, false),
        new Robots(database, clock),
        new Teams(database, clock),
        new Namespaces(database),
        new Permissions(database, clock),
        new IndexedRepositories(database),
        new ImageClaims(database, clock),
        new Tokens(new SigningKeys(database, clock, ROTATION, new KeySeal("")), clock, LIFETIME));
  }

  AccountRows rows() {
    return new AccountRows(database);
  }

  static PasswordHashes hashes() {
    return HASHES;
  }

  SignIn signIn(PasswordCheck check) {
    return new AccountSignIn(rows(), robots, permissions, check);
  }

  /** Makes accounts whose password is {@link #PASSWORD}, and spares the time of hashing it. */
  void users(String... names) {
    Arrays.stream(names).forEach(name -> add(name, false));
  }

  /** Makes an account that may do everything. */
  void admin(String name) {
    add(name, true);
  }

  private void add(String name, boolean admin) {
    boolean added =
        rows()
            .insert(name, name + "@example.org", Optional.of(HASH), admin, false, clock.instant());
    if (!added) {
      throw new IllegalStateException(name);
    }
  }

  static <T> List<T> shuffled(List<T> values) {
    List<T> copy = new ArrayList<>(values);
    Collections.shuffle(copy);
    return copy;
  }
}
