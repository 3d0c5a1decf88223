package io.registry.access.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.RegistryProcess;
import io.registry.testkit.SystemCalls;
import io.registry.testkit.SystemCalls.Call;
import io.registry.testkit.SystemCalls.Moment;
import io.registry.testkit.TestDatabase;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operating system is asked to bring to the disk for the file of the database. */
@Tag("external")
class DatabaseDurabilityTest {
  private static final String FILE = "index/registry.mv.db";
  private static final int CREATED = 201;

  @TempDir Path directory;

  @Test
  void anAcknowledgedAccountIsOnTheDisk() throws Exception {
    assumeTrue(SystemCalls.canBeTraced(), "strace is missing, or may not trace");
    Path trace = directory.resolve("trace");
    try (RegistryProcess registry =
        RegistryProcess.startTraced(
            trace,
            "--registry.storage.local.path=" + directory.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.registration=true",
            "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("index/registry")))) {
      assertThat(registry.saidAtStart())
          .contains("index/registry: each change is on the disk when it is acknowledged");
      assertThat(
              registry
                  .client()
                  .post(
                      "/v1/users/",
                      "{\"username\": \"alice\", \"password\": \"correct horse\","
                          + " \"email\": \"alice@example.org\"}",
                      "Content-Type",
                      "application/json")
                  .status())
          .isEqualTo(CREATED);
    }

    List<Call> calls = SystemCalls.read(trace);
    assertThat(calls)
        .filteredOn(call -> call.isFlush() && call.file().endsWith("index"))
        .as("the entry of the file in its folder")
        .isNotEmpty();
    assertThat(unsyncedAtTheAnswer(calls)).isZero();
  }

  /** How many writes to the file had not reached the disk when the answer began. */
  private static int unsyncedAtTheAnswer(List<Call> calls) {
    Set<Long> synced = new HashSet<>();
    int written = 0;
    int unsynced = 0;
    for (Call call : calls) {
      if (call.answer() == CREATED) {
        assertThat(written).as("writes to the database").isPositive();
        return unsynced;
      }
      if (call.moment() != Moment.END) {
        continue;
      }
      if (call.name().equals("openat")) {
        boolean each = call.arguments().contains("O_DSYNC");
        if (each) {
          synced.add(call.result());
        } else {
          synced.remove(call.result());
        }
      } else if (call.name().contains("write") && call.file().endsWith(FILE)) {
        written++;
        long descriptor = Long.parseLong(call.arguments().replaceFirst("(?s)^(\\d+)<.*", "$1"));
        unsynced += synced.contains(descriptor) ? 0 : 1;
      } else if (call.isFlush() && call.file().endsWith(FILE)) {
        unsynced = 0;
      }
    }
    throw new AssertionError("there was no answer");
  }
}
