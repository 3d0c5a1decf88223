package io.registry.access.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.access.auth.Caller;
import io.registry.access.auth.SignIn.Result;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.Together;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("external")
@ParameterizedClass
@EnumSource
class FirstAdminTest {
  private static final Pattern PASSWORD = Pattern.compile("\\n {4}(\\S+)\\n");
  private static final Caller.Account ADMIN = new Caller.Account("admin", true);

  @Parameter TestDatabase database = TestDatabase.H2;

  private final PassingClock clock = new PassingClock();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
  private IndexReplica index;

  @BeforeEach
  void empty() {
    index = IndexReplica.on(database.emptied(), clock);
  }

  private void start(String password, boolean passwordsAreElsewhere) {
    start(index, "admin", password, passwordsAreElsewhere);
  }

  private void start(
      IndexReplica replica, String name, String password, boolean passwordsAreElsewhere) {
    new FirstAdmin(
            replica.rows(),
            IndexReplica.hashes(),
            new EmbeddedIndexProperties.Admin(name, password),
            passwordsAreElsewhere,
            clock,
            out)
        .afterSingletonsInstantiated();
  }

  private Result signIn(String password) {
    return index.signIn(new StoredPasswords(IndexReplica.hashes())).signIn("admin", password);
  }

  @Test
  void withoutAPasswordOneIsPrintedThatHasToBeChanged() {
    start("", false);
    Matcher password = PASSWORD.matcher(said());
    assertThat(password.find()).isTrue();
    assertThat(signIn(password.group(1))).isEqualTo(new Result.MustChangePassword(ADMIN));

    index.accounts().setPassword("admin", "another horse");
    assertThat(signIn("another horse")).isEqualTo(new Result.SignedIn(ADMIN));
    assertThat(signIn(password.group(1))).isEqualTo(new Result.Refused());
  }

  @Test
  void itIsPrintedOnce() {
    start("", false);
    String said = said();
    start("", false);
    start("correct horse", false);

    assertThat(said()).isEqualTo(said);
    assertThat(signIn("correct horse")).isEqualTo(new Result.Refused());
  }

  @Test
  void ofReplicasThatStartTogetherOnePrintsThePasswordThatHolds() throws Exception {
    IndexReplica other = IndexReplica.on(database.shared(), clock);

    Together.run(
        List.of(
            () -> start("", false),
            () -> start(other, "admin", "", false),
            () -> start(other, "admin", "", false)));

    List<String> passwords =
        PASSWORD.matcher(said()).results().map(result -> result.group(1)).toList();
    assertThat(passwords).hasSize(1);
    assertThat(signIn(passwords.get(0))).isEqualTo(new Result.MustChangePassword(ADMIN));
  }

  @Test
  void aPasswordOfTheSettingsIsNotPrinted() {
    start("correct horse", false);

    assertThat(said()).isEmpty();
    assertThat(signIn("correct horse")).isEqualTo(new Result.SignedIn(ADMIN));
  }

  @Test
  void whereADirectoryChecksPasswordsNoneIsMade() {
    start("", true);

    assertThat(said()).isEmpty();
    assertThat(index.rows().find("admin").orElseThrow().account().admin()).isTrue();
    assertThat(index.rows().find("admin").orElseThrow().hash()).isEmpty();
  }

  @Test
  void settingsThatCannotBeAreNamed() {
    assertThatThrownBy(() -> start("short", false))
        .hasMessageContaining("registry.index.admin.password")
        .hasMessageNotContaining("short\"");
    assertThatThrownBy(() -> start(index, "Ad min", "correct horse", false))
        .hasMessageContaining("registry.index.admin.name");
    assertThat(new EmbeddedIndexProperties.Admin("admin", "correct horse").toString())
        .doesNotContain("horse");
  }

  private String said() {
    return printed.toString(StandardCharsets.UTF_8).replace("\r", "");
  }
}
