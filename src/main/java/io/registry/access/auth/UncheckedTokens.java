package io.registry.access.auth;

import io.registry.content.repository.RepositoryName;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Issues tokens that are never verified: daemons up to 1.6 require one even without an index
 * (protocol 9.2).
 */
final class UncheckedTokens implements TokenIssuer {
  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  private static final int SIGNATURE_LENGTH = 16;

  @Override
  public String issue(Caller caller, RepositoryName repository, Access access) {
    return "signature=%s,repository=\"%s/%s\",access=%s"
        .formatted(signature(), repository.namespace(), repository.encodedName(), access.word());
  }

  @Override
  public Duration lifetime() {
    return Duration.ofHours(1);
  }

  // Told apart from one another, not secret.
  private static String signature() {
    return ThreadLocalRandom.current()
        .ints(SIGNATURE_LENGTH, 0, ALPHABET.length())
        .collect(
            StringBuilder::new,
            (text, index) -> text.append(ALPHABET.charAt(index)),
            StringBuilder::append)
        .toString();
  }
}
