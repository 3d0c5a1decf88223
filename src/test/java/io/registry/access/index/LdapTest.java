package io.registry.access.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.util.LDAPSDKException;
import io.registry.access.auth.Caller;
import io.registry.access.auth.SignIn;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.testkit.LdapServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;

/** Passwords that a directory knows, one with real connections. */
@Tag("external")
class LdapTest {
  private static final SignIn.Result REFUSED = new SignIn.Result.Refused();
  private static final Map<String, String> PATTERN = Map.of("user-dn-pattern", "uid={0},ou=people");
  private static final Map<String, String> SEARCH =
      Map.of(
          "user-search-base",
          "ou=people",
          "user-search-filter",
          "(uid={0})",
          "manager-dn",
          LdapServer.MANAGER,
          "manager-password",
          LdapServer.MANAGER_PASSWORD,
          "admin-group",
          "cn=registry-admins,ou=groups");

  private static LdapServer ldap;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws LDAPSDKException {
    ldap =
        LdapServer.start()
            .person("anna", "anna's")
            .person("bert", "bert's")
            .group("registry-admins", "anna")
            .group("others", "bert");
  }

  @AfterAll
  static void stop() {
    ldap.close();
  }

  @Test
  void whomTheDirectoryKnowsHasAnAccountFromTheFirstSignInOn() {
    IndexReplica index = IndexReplica.on(TestDatabase.H2.emptied(), Clock.systemUTC());
    SignIn signIn = signIn(index, ldap.url(), PATTERN);

    assertThat(signIn.signIn("anna", "bert's")).isEqualTo(REFUSED);
    assertThat(index.rows().find("anna")).isEmpty();

    assertThat(signIn.signIn("anna", "anna's")).isEqualTo(signedIn("anna", false));
    assertThat(index.rows().find("anna")).isPresent();
    assertThat(signIn.signIn("anna", "")).isEqualTo(REFUSED);
    assertThat(signIn.signIn("nobody", "anna's")).isEqualTo(REFUSED);
  }

  @Test
  void usersAreFoundByAFilterAndAdminsByTheirGroup() {
    IndexReplica index = IndexReplica.on(TestDatabase.H2.emptied(), Clock.systemUTC());
    SignIn signIn = signIn(index, ldap.url(), SEARCH);

    assertThat(signIn.signIn("anna", "anna's")).isEqualTo(signedIn("anna", true));
    assertThat(signIn.signIn("bert", "bert's")).isEqualTo(signedIn("bert", false));
    assertThat(signIn.signIn("bert", "anna's")).isEqualTo(REFUSED);
    assertThat(signIn.signIn("nobody", "anna's")).isEqualTo(REFUSED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "ann*",
        "anna)(uid=*",
        "*)(|(uid=*",
        "anna)(|(objectClass=*)",
        "nobody)(uid=anna",
        "anna,ou=people",
        "anna,ou=people,dc=example,dc=org",
        "\\61nna)(",
        "anna\0",
        "uid=anna"
      })
  void aNameIsANameAndNoFilterAndNoPath(String name) {
    for (Map<String, String> settings : List.of(PATTERN, SEARCH)) {
      LdapPasswords passwords = new LdapPasswords(settings(ldap.url(), settings));

      assertThatThrownBy(
              () ->
                  passwords.authenticate(
                      UsernamePasswordAuthenticationToken.unauthenticated(name, "anna's")))
          .isInstanceOf(BadCredentialsException.class);
    }
  }

  @Test
  void aDirectoryThatIsAwayIsNoWrongPassword() throws LDAPSDKException {
    LdapServer gone = LdapServer.start().person("anna", "anna's");
    String url = gone.url();
    gone.close();

    assertUnavailable(url, PATTERN);
    assertUnavailable(url, SEARCH);
  }

  @Test
  void aDirectoryThatDoesNotAnswerIsNoWrongPassword() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Map<String, String> impatient = new HashMap<>(PATTERN);
      impatient.put("read-timeout", "100ms");

      assertUnavailable(
          "ldap://127.0.0.1:" + silent.getLocalPort() + "/" + LdapServer.BASE, impatient);
    }
  }

  @Test
  void ofTwoDirectoriesTheSecondIsAskedWhenTheFirstIsAway() throws LDAPSDKException {
    LdapServer gone = LdapServer.start();
    String url = gone.url();
    gone.close();
    IndexReplica index = IndexReplica.on(TestDatabase.H2.emptied(), Clock.systemUTC());

    assertThat(signIn(index, url + " " + ldap.url(), PATTERN).signIn("anna", "anna's"))
        .isEqualTo(signedIn("anna", false));
  }

  @Test
  void settingsThatTheDirectoryDoesNotTakeAreNoWrongPassword() {
    Map<String, String> wrong = new HashMap<>(SEARCH);
    wrong.put("manager-password", "another");
    assertUnavailable(ldap.url(), wrong);

    Map<String, String> ambiguous = new HashMap<>(SEARCH);
    ambiguous.put("user-search-filter", "(|(uid={0})(objectClass=inetOrgPerson))");
    assertUnavailable(ldap.url(), ambiguous);
  }

  @ParameterizedTest
  @CsvSource({
    "url=http://x user-dn-pattern=uid={0}, registry.index.ldap.url",
    "url=ldap://x, registry.index.ldap.user-dn-pattern",
    "url=ldap://x user-dn-pattern=uid={0} user-search-filter=(uid={0}), registry.index.ldap.user-dn-pattern",
    "url=ldap://x user-search-filter=(uid=anna), {0}",
    "url=ldap://x user-dn-pattern=uid={0} manager-dn=cn=m, registry.index.ldap.manager-dn",
    "url=ldap://x user-dn-pattern=uid={0} read-timeout=0s, registry.index.ldap.read-timeout"
  })
  void settingsThatMakeNoSenseStopTheStart(String settings, String told) {
    Map<String, String> all = new HashMap<>();
    for (String setting : settings.split(" ", -1)) {
      all.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
    }

    assertThatThrownBy(() -> settings(all.getOrDefault("url", ""), all))
        .isInstanceOf(BindException.class)
        .rootCause()
        .hasMessageContaining(told);
  }

  @Test
  void theRegistryAsksTheDirectoryThatItsSettingsName() {
    try (RegistryServer server =
        RegistryServer.start(
            directory.resolve("store"),
            "--registry.index.mode=embedded",
            "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("index")),
            "--registry.index.ldap.url=" + ldap.url(),
            "--registry.index.ldap.user-dn-pattern=uid={0},ou=people")) {
      SignIn signIn = server.bean(SignIn.class);

      assertThat(signIn.signIn("bert", "bert's")).isEqualTo(signedIn("bert", false));
      assertThat(signIn.signIn("bert", "anna's")).isEqualTo(REFUSED);
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> server.bean(Accounts.class).setPassword("anna", "another one"))
          .withMessage("Passwords are kept in a directory: change it there");
    }
  }

  private static void assertUnavailable(String url, Map<String, String> settings) {
    IndexReplica index = IndexReplica.on(TestDatabase.H2.emptied(), Clock.systemUTC());
    SignIn signIn = signIn(index, url, settings);

    assertThatThrownBy(() -> signIn.signIn("anna", "anna's"))
        .isInstanceOfSatisfying(
            RegistryException.class,
            refusal -> assertThat(refusal.problem()).isEqualTo(Problem.UNAVAILABLE));
    assertThat(index.rows().find("anna")).isEqualTo(Optional.empty());
  }

  private static SignIn signIn(IndexReplica index, String url, Map<String, String> settings) {
    return index.signIn(
        new ProvidedPasswords(
            new LdapPasswords(settings(url, settings)), index.rows(), false, Clock.systemUTC()));
  }

  private static LdapProperties settings(String url, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>();
    settings.forEach((name, value) -> all.put("registry.index.ldap." + name, value));
    all.put("registry.index.ldap.url", url);
    return new Binder(new MapConfigurationPropertySource(all))
        .bindOrCreate("registry.index.ldap", LdapProperties.class);
  }

  private static SignIn.Result signedIn(String name, boolean admin) {
    return new SignIn.Result.SignedIn(new Caller.Account(name, admin));
  }
}
