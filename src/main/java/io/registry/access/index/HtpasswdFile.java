package io.registry.access.index;

import io.registry.platform.problem.SetupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users and hashes of an htpasswd file, as they are now: the file is read again when it has
 * changed. While it cannot be read, what was read before counts.
 *
 * <p>Only bcrypt counts, as for Distribution: the other formats can be guessed too quickly.
 */
final class HtpasswdFile {
  private static final Logger log = LoggerFactory.getLogger(HtpasswdFile.class);
  private static final long MOST_BYTES = 16 * 1024 * 1024;

  /** A check with a higher cost takes a processor for more than a second. */
  private static final int HIGHEST_COST = 14;

  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");

  private final Path file;
  private volatile State state;

  /**
   * What was read.
   *
   * @param version of the file; empty while it could not be read
   * @param hashes the hash of each user
   */
  private record State(String version, Map<String, String> hashes) {}

  /**
   * Reads a file.
   *
   * @throws SetupException when it cannot be read, or has no user that can sign in
   */
  HtpasswdFile(Path file) {
    this.file = file;
    try {
      this.state = new State(version(), read());
    } catch (IOException e) {
      throw new SetupException(
          "registry.access.htpasswd: %s cannot be read: %s".formatted(file, e.getMessage()),
          "Name a file that htpasswd -B has written and this process may read",
          e);
    }
    if (state.hashes().isEmpty()) {
      throw new SetupException(
          "registry.access.htpasswd: %s has no user with a bcrypt hash".formatted(file),
          "Add users with: htpasswd -B " + file + " NAME");
    }
  }

  /** The hash of a user; nothing when the user is not in the file. */
  Optional<String> hash(String user) {
    return Optional.ofNullable(current().hashes().get(user));
  }

  /** Whether a user is in the file. */
  boolean contains(String user) {
    return current().hashes().containsKey(user);
  }

  /** A text that changes with the file. */
  String currentVersion() {
    return current().version();
  }

  private State current() {
    State known = state;
    try {
      String version = version();
      if (!version.equals(known.version())) {
        known = new State(version, read());
        state = known;
      }
    } catch (IOException e) {
      if (!known.version().isEmpty()) {
        log.error("registry.access.htpasswd cannot be read again, so the users of before count", e);
        known = new State("", known.hashes());
        state = known;
      }
    }
    return known;
  }

  private String version() throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
  }

  private Map<String, String> read() throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException("it has more than %d bytes".formatted(MOST_BYTES));
    }
    Map<String, String> hashes = new HashMap<>();
    int number = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      number++;
      String entry = line.strip();
      int colon = entry.indexOf(':');
      if (entry.isEmpty() || entry.startsWith("#")) {
        continue;
      }
      String user = entry.substring(0, Math.max(colon, 0));
      String why = colon < 0 ? "has no colon" : reason(user, entry.substring(colon + 1));
      if (why.isEmpty()) {
        hashes.put(user, entry.substring(colon + 1));
      } else {
        log.warn("registry.access.htpasswd, line {}: the user cannot sign in: {}", number, why);
      }
    }
    return Map.copyOf(hashes);
  }

  private static String reason(String user, String hash) {
    Matcher bcrypt = BCRYPT.matcher(hash);
    if (!AccountNames.isAccount(user)) {
      return "a name has lower-case letters and digits, with single . _ - between them";
    }
    if (!bcrypt.matches()) {
      return "the hash is not bcrypt: use htpasswd -B";
    }
    int cost = Integer.parseInt(bcrypt.group(1));
    return cost < 4 || cost > HIGHEST_COST
        ? "the cost of the hash is %d, not 4 to %d".formatted(cost, HIGHEST_COST)
        : "";
  }
}
