package io.registry.auth;

import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody claims who shows a token. Only the index can tell whether it is true.
 *
 * @param header the whole value of the {@code Authorization} header, as it came
 * @param repository the one repository that the token is for
 * @param access what it allows
 */
public record AccessToken(String header, RepositoryName repository, Access access) {

  /**
   * Reads the value of an {@code Authorization} header, as {@link TokenHeader#parse} does.
   *
   * @param header the value as it came
   * @return the claim; nothing when it is not a well-formed token
   */
  public static Optional<AccessToken> parse(String header) {
    return TokenHeader.parse(header) instanceof TokenHeader.Claim claim
        ? Optional.of(claim.token())
        : Optional.empty();
  }

  // A token without access or repository would allow everything, or anything (protocol 4.8).
  static Optional<AccessToken> of(String header, Map<String, String> fields) {
    Optional<Access> access = Optional.ofNullable(fields.get("access")).flatMap(Access::parse);
    Optional<RepositoryName> repository =
        Optional.ofNullable(fields.get("repository")).flatMap(AccessToken::repository);
    return access.flatMap(
        allowed -> repository.map(name -> new AccessToken(header, name, allowed)));
  }

  // Only the one spelling that the original issued, so that no two tokens are for one repository.
  private static Optional<RepositoryName> repository(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    String encoded = text.substring(slash + 1);
    try {
      RepositoryName name =
          new RepositoryName(
              text.substring(0, slash), URLDecoder.decode(encoded, StandardCharsets.UTF_8));
      return name.encodedName().equals(encoded) ? Optional.of(name) : Optional.empty();
    } catch (RegistryException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Without the header, which is a secret. */
  @Override
  public String toString() {
    return "AccessToken[" + access.word() + " " + repository + "]";
  }
}
