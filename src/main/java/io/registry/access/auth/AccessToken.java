package io.registry.access.auth;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.RegistryException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The claim of a client that presents a token. Only the index can tell whether the claim is true.
 *
 * @param header the whole value of the {@code Authorization} header, as received
 * @param repository the one repository that the token is for
 * @param access the access that the token grants
 */
public record AccessToken(String header, RepositoryName repository, Access access) {

  // A token without access or without repository would be unrestricted (protocol 4.8).
  static Optional<AccessToken> of(String header, Map<String, String> fields) {
    Optional<Access> access = Optional.ofNullable(fields.get("access")).flatMap(Access::parse);
    Optional<RepositoryName> repository =
        Optional.ofNullable(fields.get("repository")).flatMap(AccessToken::repository);
    return access.flatMap(
        allowed -> repository.map(name -> new AccessToken(header, name, allowed)));
  }

  // Accepts only the spelling that the original issued, so that each token has exactly one
  // repository.
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

  /** Omits the header, which is a secret. */
  @Override
  public String toString() {
    return "AccessToken[" + access.word() + " " + repository + "]";
  }
}
