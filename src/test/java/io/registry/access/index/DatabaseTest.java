package io.registry.access.index;

import static io.registry.access.index.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.registry.access.auth.Access;
import io.registry.access.auth.AccessToken;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.database.Database;
import io.registry.platform.problem.Problem;
import io.registry.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The database that is a file. */
@Tag("external")
class DatabaseTest {
  private static final RepositoryName APP = new RepositoryName("alice", "app");

  @TempDir Path directory;

  @Test
  void whatWasCommittedIsInTheFileAlready() throws IOException {
    Path file = directory.resolve("open/registry");
    Path copy = directory.resolve("copy");
    String token;
    try (HikariDataSource source = TestDatabase.open(TestDatabase.h2(file))) {
      IndexReplica index = replica(source);
      index.users("alice");
      token = index.tokens().issue("alice", APP, Access.READ);
      index.repositories().setVisibility(APP, Visibility.PUBLIC);
      // As it is found after the process was killed.
      Files.copy(Path.of(file + ".mv.db"), Path.of(copy + ".mv.db"));
    }
    for (Path each : List.of(copy, file)) {
      try (HikariDataSource source = TestDatabase.open(TestDatabase.h2(each))) {
        IndexReplica index = replica(source);
        assertThat(index.accounts().find("alice")).isPresent();
        assertThat(index.repositories().visibility(APP)).contains(Visibility.PUBLIC);
        assertThat(index.tokens().verify(new AccessToken("Token " + token, APP, Access.READ)))
            .isPresent();
      }
    }
  }

  @Test
  void twoProcessesDoNotOpenOneFile() throws Exception {
    String url = TestDatabase.h2(directory.resolve("registry"));
    try (HikariDataSource source = TestDatabase.open(url)) {
      assertThat(source.isRunning()).isTrue();
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "org.h2.tools.Shell",
              "-url",
              url,
              "-sql",
              "select * from account");
      Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var said = other.inputReader()) {
        assertThat(said.lines().collect(Collectors.joining("\n"))).contains("already in use");
      }
      assertThat(other.waitFor()).isNotZero();
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void nobodyElseReadsTheFile() throws IOException {
    Path folder = directory.resolve("new/index");
    try (HikariDataSource source = TestDatabase.open(TestDatabase.h2(folder.resolve("registry")))) {
      assertThat(source.isRunning()).isTrue();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .isEqualTo("rwx------");
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void nobodyElseReadsTheFileInAFolderThatOthersEnter() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (int start = 0; start < 2; start++) {
      try (HikariDataSource source =
          TestDatabase.open(TestDatabase.h2(folder.resolve("registry")))) {
        assertThat(source.isRunning()).isTrue();
      }
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(folder.resolve("registry.mv.db"))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void aDatabaseThatIsClosedIsUnavailable() {
    HikariDataSource source = TestDatabase.open(TestDatabase.h2(directory.resolve("registry")));
    IndexReplica index = replica(source);
    source.close();

    assertThat(refused(() -> index.accounts().find("alice"))).isEqualTo(Problem.UNAVAILABLE);
    assertThat(refused(() -> index.repositories().setVisibility(APP, Visibility.PUBLIC)))
        .isEqualTo(Problem.UNAVAILABLE);
    assertThat(refused(() -> index.tokens().issue("alice", APP, Access.READ)))
        .isEqualTo(Problem.UNAVAILABLE);
  }

  @Test
  void aDefectIsNotTakenForAnOutage() {
    try (HikariDataSource source =
        TestDatabase.open(TestDatabase.h2(directory.resolve("registry")))) {
      assertThatThrownBy(() -> new Database(source).sql("select * from nothing").update())
          .hasMessageContaining("nothing");
    }
  }

  private static IndexReplica replica(HikariDataSource source) {
    return IndexReplica.on(source, Clock.systemUTC());
  }
}
