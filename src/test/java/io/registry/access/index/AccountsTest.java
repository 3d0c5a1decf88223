package io.registry.access.index;

import static io.registry.access.index.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.Together;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("external")
@ParameterizedClass
@EnumSource
class AccountsTest {
  @Parameter TestDatabase database = TestDatabase.H2;

  private final PassingClock clock = new PassingClock();
  private IndexReplica index;
  private Accounts accounts;

  @BeforeEach
  void empty() {
    index = IndexReplica.on(database.emptied(), clock);
    accounts = index.accounts();
  }

  @Test
  void anAccountIsFoundAsItWasMade() {
    Account made = accounts.create(account("alice"));

    assertThat(accounts.find("alice")).contains(made);
    assertThat(made)
        .isEqualTo(
            new Account(
                "alice", "alice@example.org", true, false, false, clock.instant(), made.version()));
    assertThat(accounts.find("bob")).isEmpty();
  }

  @Test
  void aNameIsTakenOnce() {
    index.users("alice");

    assertThat(refused(() -> accounts.create(account("alice")))).isEqualTo(Problem.CONFLICT);
  }

  @Test
  void ofManyWhoWantOneNameOneGetsIt() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    List<Together.Task> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(
          () -> {
            if (Refusals.find(() -> accounts.create(account("alice"))).isPresent()) {
              refused.incrementAndGet();
            }
          });
    }

    Together.run(tasks);

    assertThat(refused).hasValue(3);
  }

  @Test
  void namesThatNoClientCouldSendAreRefused() {
    for (String name :
        List.of(
            "",
            "a",
            "Alice",
            "a:b",
            "a/b",
            "a+b",
            "-ab",
            "ab-",
            "a..b",
            "a b",
            "a\u0000b",
            "ä-b",
            "library",
            "a".repeat(256))) {
      assertThat(refused(() -> accounts.create(account(name)))).isEqualTo(Problem.INVALID);
      assertThat(accounts.find(name)).isEmpty();
    }
    assertThat(accounts.create(account("a".repeat(255))).name()).hasSize(255);
  }

  @Test
  void passwordsAreLongEnoughAndNoLongerThanWhatIsCompared() {
    for (String password : List.of("", "seven77", "x".repeat(73), "ä".repeat(37))) {
      assertThat(refused(() -> accounts.create(new NewAccount("alice", password, "", false))))
          .isEqualTo(Problem.INVALID);
    }
    assertThat(accounts.create(new NewAccount("alice", "ä".repeat(36), "", false)).email())
        .isEmpty();
  }

  @Test
  void whatIsNoAddressIsRefused() {
    index.users("alice");
    for (String email : List.of("alice", "a@b@c", "a b@c", "a@b\n", "@", "a@" + "b".repeat(253))) {
      assertThat(refused(() -> accounts.setEmail("alice", email))).isEqualTo(Problem.INVALID);
    }
  }

  @Test
  void theVersionChangesWithWhatSigningInDependsOn() {
    index.admin("root");
    index.users("alice");
    List<Long> versions = new ArrayList<>();
    List<Runnable> changes =
        List.of(
            () -> accounts.setPassword("alice", "another horse"),
            () -> accounts.setActive("alice", false),
            () -> accounts.setActive("alice", true),
            () -> accounts.setAdmin("alice", true),
            () -> accounts.setAdmin("alice", false));
    for (Runnable change : changes) {
      versions.add(version("alice"));
      change.run();
    }
    versions.add(version("alice"));
    assertThat(versions).doesNotHaveDuplicates();

    accounts.setEmail("alice", "other@example.org");
    accounts.setActive("alice", true);
    assertThat(version("alice")).isEqualTo(versions.get(5));

    accounts.remove("alice");
    index.users("alice");
    assertThat(versions).doesNotContain(version("alice"));
  }

  @Test
  void whatIsNotThereIsNotChanged() {
    index.admin("root");
    List<Runnable> changes =
        List.of(
            () -> accounts.setPassword("nobody", "another horse"),
            () -> accounts.setEmail("nobody", ""),
            () -> accounts.setActive("nobody", false),
            () -> accounts.setAdmin("nobody", true),
            () -> accounts.remove("nobody"));
    for (Runnable change : changes) {
      assertThat(refused(change)).isEqualTo(Problem.NOT_FOUND);
    }
  }

  @Test
  void theLastActiveAdminStays() {
    index.admin("root");
    index.admin("disabled");
    accounts.setActive("disabled", false);
    List<Runnable> changes =
        List.of(
            () -> accounts.setActive("root", false),
            () -> accounts.setAdmin("root", false),
            () -> accounts.remove("root"));
    for (Runnable change : changes) {
      assertThat(refused(change)).isEqualTo(Problem.CONFLICT);
    }

    accounts.setActive("disabled", true);
    accounts.remove("root");
    assertThat(accounts.find("root")).isEmpty();
  }

  @Test
  void adminsWhoLeaveAtTheSameTimeLeaveOneBehind() throws Exception {
    for (int round = 0; round < 5; round++) {
      index = IndexReplica.on(database.emptied(), clock);
      List<String> admins = List.of("ada", "bob", "cyd", "dan");
      admins.forEach(index::admin);
      Accounts others = IndexReplica.on(database.shared(), clock).accounts();

      Together.run(
          List.of(
              () -> Refusals.find(() -> accounts.setActive("ada", false)),
              () -> Refusals.find(() -> others.setAdmin("bob", false)),
              () -> Refusals.find(() -> others.remove("cyd")),
              () -> Refusals.find(() -> accounts.remove("dan"))));

      assertThat(
              admins.stream()
                  .flatMap(name -> index.accounts().find(name).stream())
                  .filter(account -> account.active() && account.admin()))
          .hasSize(1);
    }
  }

  @Test
  void severalChangesAreMadeTogetherOrNotAtAll() {
    index.users("alice");
    index.admin("root");

    assertThat(
            accounts.change(
                "alice",
                new AccountChange(
                    Optional.of("a@example.com"), Optional.empty(), Optional.of(true))))
        .matches(Account::admin)
        .extracting(Account::email)
        .isEqualTo("a@example.com");
    accounts.setAdmin("alice", false);
    assertThat(
            refused(
                () ->
                    accounts.change(
                        "root",
                        new AccountChange(
                            Optional.of("r@example.com"), Optional.empty(), Optional.of(false)))))
        .isEqualTo(Problem.CONFLICT);
    assertThat(accounts.find("root").orElseThrow().email()).isNotEqualTo("r@example.com");
  }

  @Test
  void accountsAreListedInPages() {
    index.users("bob", "alice", "cyd");

    assertThat(accounts.list("", 2)).extracting(Account::name).containsExactly("alice", "bob");
    assertThat(accounts.list("bob", 2)).extracting(Account::name).containsExactly("cyd");
  }

  @Test
  void whoeverOwnsMoreThanTheOwnNamespaceIsNotRemoved() {
    index.users("alice", "bob");
    index.namespaces().create("tools", new Owner(PartyKind.ACCOUNT, "alice"));
    index.namespaces().setMember("alice", new Member(PartyKind.ACCOUNT, "bob"), Role.READ);

    assertThat(refused(() -> accounts.remove("alice"))).isEqualTo(Problem.CONFLICT);
    assertThat(index.permissions().role("bob", "alice")).contains(Role.READ);

    index.namespaces().setOwner("tools", new Owner(PartyKind.ACCOUNT, "bob"));
    accounts.remove("alice");
    assertThat(index.namespaces().find("alice")).isEmpty();
    assertThat(index.permissions().role("bob", "alice")).isEmpty();
  }

  @Test
  void nobodyInheritsRepositoriesByTakingAName() {
    index.users("bob");
    index.repositories().setVisibility(new RepositoryName("alice", "secret"), Visibility.PRIVATE);
    assertThat(refused(() -> accounts.create(account("alice")))).isEqualTo(Problem.CONFLICT);

    index.namespaces().create("alice", new Owner(PartyKind.ACCOUNT, "bob"));
    Account alice = accounts.create(account("alice"));
    assertThat(index.permissions().role(alice.name(), "alice")).isEmpty();
  }

  @Test
  void secretsAreNotWritten() {
    assertThat(account("alice").toString()).doesNotContain(IndexReplica.PASSWORD);
    index.users("alice");
    assertThat(String.valueOf(index.rows().find("alice"))).doesNotContain("bcrypt");
  }

  private long version(String name) {
    return accounts.find(name).orElseThrow().version();
  }

  private static NewAccount account(String name) {
    return new NewAccount(name, IndexReplica.PASSWORD, "alice@example.org", false);
  }
}
