package io.registry.index;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Computes and compares the hashes of users' passwords. */
final class PasswordHashes {
  private static final int FEWEST_CHARACTERS = 8;

  /** Bcrypt ignores any further bytes. */
  private static final int MOST_BYTES = 72;

  /** Compared in place of a password that is too long; it must not be empty. */
  private static final String WRONG = "-";

  private final PasswordEncoder encoder;
  private final String nobodys;

  PasswordHashes(PasswordEncoder encoder) {
    this.encoder = encoder;
    this.nobodys = hash(Secrets.random());
  }

  /**
   * Computes the hash of a new password.
   *
   * @throws RegistryException {@code INVALID} when it is too short or too long
   */
  final String hash(String password) {
    if (password.codePointCount(0, password.length()) < FEWEST_CHARACTERS || isTooLong(password)) {
      throw new RegistryException(
          Problem.INVALID,
          "A password has at least %d characters and at most %d bytes"
              .formatted(FEWEST_CHARACTERS, MOST_BYTES));
    }
    return Objects.requireNonNull(encoder.encode(password));
  }

  /**
   * Compares a password with a hash. Takes as long when there is no hash, so that the time does not
   * reveal whether an account exists.
   */
  boolean matches(String password, Optional<String> hash) {
    boolean comparable = hash.isPresent() && !isTooLong(password);
    // An empty password would take no time: encoders refuse it without computing a hash.
    boolean matches =
        encoder.matches(comparable ? password : WRONG, comparable ? hash.orElseThrow() : nobodys);
    return comparable && matches;
  }

  private static boolean isTooLong(String password) {
    return password.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES;
  }
}
