package io.registry.access.index;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a new password must be like: long enough, no longer than bcrypt reads, and on no list of
 * common ones. Passwords that exist are not checked.
 */
final class PasswordRules {
  /** Bcrypt ignores any further bytes. */
  private static final int MOST_BYTES = 72;

  private static final String COMMON = "common-passwords.txt";

  private final int shortest;
  private final Set<String> common;

  /**
   * Creates the rules.
   *
   * @param shortest the smallest number of characters
   */
  PasswordRules(int shortest) {
    this.shortest = shortest;
    this.common = common();
  }

  private static Set<String> common() {
    try (InputStream list =
        Objects.requireNonNull(PasswordRules.class.getResourceAsStream(COMMON), COMMON)) {
      return new String(list.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks a new password.
   *
   * @throws RegistryException {@code INVALID} when it breaks a rule
   */
  void require(String password) {
    if (password.codePointCount(0, password.length()) < shortest || isTooLong(password)) {
      throw new RegistryException(
          Problem.INVALID,
          "A password has at least %d characters and at most %d bytes"
              .formatted(shortest, MOST_BYTES));
    }
    if (common.contains(password.toLowerCase(Locale.ROOT))) {
      throw new RegistryException(
          Problem.INVALID, "This password is one of the common ones that attackers try first");
    }
  }

  /** Whether a password has bytes that bcrypt would ignore. */
  static boolean isTooLong(String password) {
    return password.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES;
  }
}
