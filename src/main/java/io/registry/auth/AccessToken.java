package io.registry.auth;

import io.registry.repository.RepositoryName;
import java.util.Optional;

/**
 * What somebody claims who shows a token. Only the index can tell whether it is true.
 *
 * @param header the whole value of the {@code Authorization} header, as it came
 * @param repository the one repository that the token is for
 * @param access what it allows
 */
public record AccessToken(String header, RepositoryName repository, Access access) {

  public static Optional<AccessToken> parse(String header) {
    return Optional.empty();
  }

  /** Without the header, which is a secret. */
  @Override
  public String toString() {
    return "AccessToken[" + access.word() + " " + repository + "]";
  }
}
