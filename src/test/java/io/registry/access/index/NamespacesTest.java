package io.registry.access.index;

import static io.registry.access.index.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.problem.Problem;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.Together;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Namespaces, teams and robots, and what may be done by them. */
@Tag("external")
@ParameterizedClass
@EnumSource
class NamespacesTest {
  private static final Owner ALICE = new Owner(PartyKind.ACCOUNT, "alice");
  private static final Owner CREW = new Owner(PartyKind.TEAM, "crew");

  @Parameter TestDatabase database = TestDatabase.H2;

  private final PassingClock clock = new PassingClock();
  private IndexReplica index;
  private Namespaces namespaces;
  private Teams teams;
  private Robots robots;

  @BeforeEach
  void empty() {
    index = IndexReplica.on(database.emptied(), clock);
    namespaces = index.namespaces();
    teams = index.teams();
    robots = index.robots();
    index.users("alice", "bob", "cyd");
  }

  private static Namespace owned(String name, Owner owner) {
    return new Namespace(name, Optional.of(owner), false);
  }

  private Optional<Role> role(String account, String namespace) {
    Optional<Role> role = index.permissions().role(account, namespace);
    // The same looked at from the other side.
    assertThat(index.permissions().namespaces(account).contains(namespace))
        .isEqualTo(role.isPresent());
    return role;
  }

  @Test
  void everybodyOwnsTheNamespaceOfTheOwnName() {
    assertThat(role("alice", "alice")).contains(Role.ADMIN);
    assertThat(role("bob", "alice")).isEmpty();
    assertThat(role("nobody", "nobody")).isEmpty();
    assertThat(namespaces.find("alice")).contains(owned("alice", ALICE));
    assertThat(namespaces.find("nobody")).isEmpty();
  }

  @Test
  void aNamespaceThatWasGivenToSomebodyElseIsNotTheNamesakes() {
    namespaces.create("bob", ALICE);

    assertThat(role("bob", "bob")).isEmpty();
    assertThat(role("alice", "bob")).contains(Role.ADMIN);
    assertThat(namespaces.find("bob")).contains(owned("bob", ALICE));

    namespaces.remove("bob");
    assertThat(role("bob", "bob")).contains(Role.ADMIN);
    assertThat(role("alice", "bob")).isEmpty();
  }

  @Test
  void theHighestOfAllRolesCounts() {
    teams.create("crew");
    teams.addMember("crew", "bob");
    teams.addMember("crew", "bob");
    namespaces.create("tools", ALICE);
    namespaces.setMember("tools", new Member(PartyKind.ACCOUNT, "bob"), Role.READ);
    assertThat(role("bob", "tools")).contains(Role.READ);

    namespaces.setMember("tools", new Member(PartyKind.TEAM, "crew"), Role.WRITE);
    assertThat(role("bob", "tools")).contains(Role.WRITE);
    assertThat(role("cyd", "tools")).isEmpty();

    namespaces.setMember("tools", new Member(PartyKind.ACCOUNT, "bob"), Role.ADMIN);
    assertThat(role("bob", "tools")).contains(Role.ADMIN);
    assertThat(namespaces.members("tools"))
        .containsOnly(
            Map.entry(new Member(PartyKind.ACCOUNT, "bob"), Role.ADMIN),
            Map.entry(new Member(PartyKind.TEAM, "crew"), Role.WRITE));

    namespaces.removeMember("tools", new Member(PartyKind.ACCOUNT, "bob"));
    assertThat(role("bob", "tools")).contains(Role.WRITE);
    teams.removeMember("crew", "bob");
    assertThat(role("bob", "tools")).isEmpty();
  }

  @Test
  void theMembersOfATeamOwnWhatTheTeamOwns() {
    teams.create("crew");
    namespaces.create("tools", CREW);
    teams.addMember("crew", "bob");
    assertThat(role("bob", "tools")).contains(Role.ADMIN);

    assertThat(refused(() -> teams.remove("crew"))).isEqualTo(Problem.CONFLICT);
    namespaces.setOwner("tools", ALICE);
    teams.remove("crew");
    assertThat(role("bob", "tools")).isEmpty();
    assertThat(teams.members("crew")).isEmpty();
  }

  @Test
  void somebodysNamespacesAndTeamsAreListed() {
    teams.create("crew");
    teams.create("other");
    teams.addMember("crew", "bob");
    namespaces.create("owned", CREW);
    namespaces.create("shared", ALICE);
    namespaces.create("foreign", ALICE);
    namespaces.setMember("shared", new Member(PartyKind.TEAM, "crew"), Role.READ);
    namespaces.setMember("shared", new Member(PartyKind.ACCOUNT, "bob"), Role.WRITE);

    assertThat(teams.listOf("bob", "", 10)).containsExactly("crew");
    assertThat(teams.listOf("bob", "crew", 10)).isEmpty();
    assertThat(namespaces.listOf("bob", "", 10))
        .containsExactly(
            owned("bob", new Owner(PartyKind.ACCOUNT, "bob")),
            owned("owned", CREW),
            owned("shared", ALICE));
    assertThat(namespaces.listOf("bob", "bob", 1)).containsExactly(owned("owned", CREW));

    namespaces.create("bob", ALICE);
    assertThat(namespaces.listOf("bob", "", 1)).containsExactly(owned("owned", CREW));
  }

  @Test
  void onlyTheLibraryIsTrustedUntilAnAdminSaysOtherwise() {
    assertThat(namespaces.find("library"))
        .contains(new Namespace("library", Optional.empty(), true));
    assertThat(namespaces.list("", 10)).extracting(Namespace::name).containsExactly("library");

    namespaces.setTrusted("library", false);
    namespaces.setTrusted("alice", true);
    namespaces.setTrusted("alice", true);

    assertThat(namespaces.find("library")).isEmpty();
    assertThat(namespaces.listOf("alice", "", 10))
        .isEqualTo(namespaces.list("", 10))
        .containsExactly(new Namespace("alice", Optional.of(ALICE), true));
    assertThat(refused(() -> namespaces.setTrusted("a/b", true))).isEqualTo(Problem.INVALID);

    namespaces.create("library", ALICE);
    assertThat(namespaces.find("library")).contains(owned("library", ALICE));
    namespaces.setTrusted("library", true);
    namespaces.remove("library");
    assertThat(namespaces.find("library")).isEmpty();
  }

  @Test
  void whoIsDisabledMayNothing() {
    namespaces.setMember("alice", new Member(PartyKind.ACCOUNT, "bob"), Role.WRITE);
    for (String name : List.of("alice", "bob")) {
      index.accounts().setActive(name, false);
    }

    assertThat(role("alice", "alice")).isEmpty();
    assertThat(role("bob", "alice")).isEmpty();
  }

  @Test
  void whatIsNotThereCanNeitherOwnNorBeAMember() {
    Owner nobody = new Owner(PartyKind.ACCOUNT, "nobody");
    Member stranger = new Member(PartyKind.TEAM, "alice");
    List<Runnable> changes =
        List.of(
            () -> namespaces.create("tools", nobody),
            () -> namespaces.setOwner("tools", ALICE),
            () -> namespaces.setOwner("alice", nobody),
            () -> namespaces.setMember("alice", stranger, Role.READ),
            () -> namespaces.setMember("tools", new Member(PartyKind.ACCOUNT, "bob"), Role.READ),
            () -> namespaces.removeMember("alice", new Member(PartyKind.ACCOUNT, "bob")),
            () -> namespaces.remove("tools"),
            () -> teams.addMember("crew", "alice"),
            () -> teams.removeMember("crew", "alice"),
            () -> teams.remove("crew"),
            () -> robots.create("tools", "ci", Role.READ),
            () -> robots.issue("alice", "ci", Optional.empty()),
            () -> robots.remove("alice", "ci"));
    for (int i = 0; i < changes.size(); i++) {
      assertThat(refused(changes.get(i))).as("change %s", i).isEqualTo(Problem.NOT_FOUND);
    }
    // Nor does it leave anything behind.
    assertThat(namespaces.list("", 10)).extracting(Namespace::name).containsExactly("library");
  }

  @Test
  void namesAreTakenOnceAndChecked() {
    namespaces.create("tools", ALICE);
    assertThat(refused(() -> namespaces.create("tools", ALICE))).isEqualTo(Problem.CONFLICT);
    for (String name : List.of("", ".", "..", "a/b", "a+b", "a:b", "a b")) {
      assertThat(refused(() -> namespaces.create(name, ALICE))).isEqualTo(Problem.INVALID);
      assertThat(refused(() -> teams.create(name))).isEqualTo(Problem.INVALID);
      assertThat(refused(() -> robots.create("alice", name, Role.READ))).isEqualTo(Problem.INVALID);
    }
    namespaces.create("Old_Store.", ALICE);
    assertThat(namespaces.list("", 10)).extracting(Namespace::name).contains("Old_Store.", "tools");
  }

  @Test
  void twoWhoAddTheSameMemberBothSucceed() throws Exception {
    Namespaces others = IndexReplica.on(database.shared(), clock).namespaces();
    Member bob = new Member(PartyKind.ACCOUNT, "bob");
    for (int round = 0; round < 10; round++) {
      Together.run(
          List.of(
              () -> namespaces.setMember("alice", bob, Role.WRITE),
              () -> others.setMember("alice", bob, Role.WRITE)));

      assertThat(role("bob", "alice")).contains(Role.WRITE);
      namespaces.remove("alice");
    }
  }

  @Test
  void aRobotHasItsRoleInItsNamespaceWhileASecretHolds() {
    Robot robot = robots.create("alice", "ci", Role.WRITE);
    assertThat(robot.login()).isEqualTo("alice+ci");
    assertThat(robots.list("alice")).containsExactly(robot);
    assertThat(robots.find("alice", "ci")).contains(robot);
    assertThat(robots.find("bob", "ci")).isEmpty();
    assertThat(role("alice+ci", "alice")).isEmpty();

    Duration day = Duration.ofDays(1);
    robots.issue("alice", "ci", Optional.of(clock.instant().plus(day)));
    assertThat(role("alice+ci", "alice")).contains(Role.WRITE);
    assertThat(role("alice+ci", "bob")).isEmpty();
    assertThat(role("bob+ci", "alice")).isEmpty();

    clock.pass(day);
    assertThat(role("alice+ci", "alice")).isEmpty();

    IssuedCredential forever = robots.issue("alice", "ci", Optional.empty());
    assertThat(role("alice+ci", "alice")).contains(Role.WRITE);
    robots.revoke("alice", "ci", forever.id());
    assertThat(role("alice+ci", "alice")).isEmpty();
    assertThat(robots.credentials("alice", "ci"))
        .extracting(RobotCredential::revoked)
        .containsExactly(false, true);
  }

  @Test
  void aSecretIsRevokedThroughItsOwnRobotOnly() {
    robots.create("alice", "ci", Role.WRITE);
    robots.create("bob", "ci", Role.WRITE);
    IssuedCredential credential = robots.issue("alice", "ci", Optional.empty());

    assertThat(refused(() -> robots.revoke("bob", "ci", credential.id())))
        .isEqualTo(Problem.NOT_FOUND);
    assertThat(role("alice+ci", "alice")).contains(Role.WRITE);
    assertThat(credential.toString()).doesNotContain(credential.secret());
  }

  @Test
  void robotsGoWithTheirNamespace() {
    robots.create("alice", "ci", Role.WRITE);
    robots.issue("alice", "ci", Optional.empty());
    assertThat(refused(() -> robots.create("alice", "ci", Role.READ))).isEqualTo(Problem.CONFLICT);

    namespaces.remove("alice");
    assertThat(robots.list("alice")).isEmpty();
    assertThat(robots.credentials("alice", "ci")).isEmpty();
  }

  @Test
  void aSecretThatHasExpiredIsNotIssued() {
    robots.create("alice", "ci", Role.WRITE);

    assertThat(refused(() -> robots.issue("alice", "ci", Optional.of(clock.instant()))))
        .isEqualTo(Problem.INVALID);
  }
}
