package io.registry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A user who may run programs that refuse to be run by root.
 *
 * @param prefix what is put before a command
 * @param uid who is to own what the program writes
 */
record Unprivileged(List<String> prefix, int uid) {
  private static final int NOBODY = 65534;

  /** One who needs no change, when this is not root; nothing when there is no way. */
  static Optional<Unprivileged> find() {
    int self = self();
    return self != 0
        ? Optional.of(new Unprivileged(List.of(), self))
        : Stream.of(
                new Unprivileged(
                    List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"),
                    NOBODY),
                // In a user name space of its own, root is somebody who owns what root owns.
                new Unprivileged(List.of("unshare", "--user"), 0))
            .filter(Unprivileged::works)
            .findFirst();
  }

  /** The command, run by this user. Both prefixes become the program: its process is theirs. */
  List<String> command(List<String> command) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    return whole;
  }

  /** Lets this user write there. */
  void own(Path directory) throws IOException {
    if (uid != self()) {
      Files.setAttribute(directory, "unix:uid", uid);
    }
  }

  private boolean works() {
    try {
      return new ProcessBuilder(command(List.of("true"))).start().waitFor() == 0;
    } catch (IOException e) {
      // There is no such program.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static int self() {
    try {
      Path file = Files.createTempFile("who", "");
      try {
        return (int) Files.getAttribute(file, "unix:uid");
      } finally {
        Files.delete(file);
      }
    } catch (UnsupportedOperationException e) {
      // Not a system that has a root.
      return -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
