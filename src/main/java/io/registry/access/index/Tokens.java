package io.registry.access.index;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Grant;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Issues tokens and verifies the ones that it has issued (protocol 2.5, 4.1). A token says which
 * user it was issued to; the caller has to check what that user may do now.
 */
public final class Tokens {
  /** Separates the parts of a signature; none of them contains it. */
  private static final String SEPARATOR = ".";

  private static final String FORM = "v1";
  private static final Pattern FIELD = Pattern.compile("(?:^|[\\s,])signature=([^\\s,]*)");
  private static final Pattern SIGNATURE =
      Pattern.compile("v1\\.([\\w-]{1,22})\\.(\\d{1,12})\\.([\\w-]*)\\.([\\w-]{43})");
  private static final Pattern SAFE_NAMESPACE = Pattern.compile("[A-Za-z0-9._+-]+");

  private final SigningKeys keys;
  private final Clock clock;
  private final Duration lifetime;

  Tokens(SigningKeys keys, Clock clock, Duration lifetime) {
    this.keys = keys;
    this.clock = clock;
    this.lifetime = lifetime;
  }

  /** How long a token lives after it was issued. */
  Duration lifetime() {
    return lifetime;
  }

  /**
   * Issues a token.
   *
   * @param user the name of the user or robot; empty for an anonymous client
   * @param repository the one repository that it is for
   * @param access the access that it grants
   * @return the token as clients send it, without a scheme before it
   * @throws RegistryException {@code INVALID} when the namespace cannot be written in a token
   */
  public String issue(String user, RepositoryName repository, Access access) {
    if (!SAFE_NAMESPACE.matcher(repository.namespace()).matches()) {
      throw new RegistryException(Problem.INVALID, "Invalid namespace");
    }
    SigningKey key = keys.signing();
    long expiry = clock.instant().plus(lifetime).getEpochSecond();
    byte[] mac = mac(key, user, repository, access, expiry);
    String signature =
        String.join(
            SEPARATOR,
            FORM,
            key.id(),
            String.valueOf(expiry),
            Secrets.base64(user.getBytes(StandardCharsets.UTF_8)),
            Secrets.base64(mac));
    return "signature=%s,repository=\"%s/%s\",access=%s"
        .formatted(signature, repository.namespace(), repository.encodedName(), access.word());
  }

  /**
   * Verifies that a token was issued by this registry and has not expired.
   *
   * @return what it grants, without a list of images; empty when it is not valid
   * @throws RegistryException {@code UNAVAILABLE} when the key that it names is unknown and cannot
   *     be read now
   */
  public Optional<Grant> verify(AccessToken token) {
    List<String> signatures =
        FIELD.matcher(token.header()).results().map(result -> result.group(1)).toList();
    if (signatures.size() != 1) {
      return Optional.empty();
    }
    Matcher parts = SIGNATURE.matcher(signatures.get(0));
    return parts.matches() ? verify(token, parts.toMatchResult()) : Optional.empty();
  }

  private Optional<Grant> verify(AccessToken token, MatchResult parts) {
    long expiry = Long.parseLong(parts.group(2));
    Optional<String> user = decoded(parts.group(3)).map(Tokens::text);
    Optional<byte[]> mac = decoded(parts.group(4));
    if (!clock.instant().isBefore(Instant.ofEpochSecond(expiry))
        || user.isEmpty()
        || mac.isEmpty()) {
      return Optional.empty();
    }
    return keys.find(parts.group(1))
        .map(key -> mac(key, user.get(), token.repository(), token.access(), expiry))
        .filter(expected -> MessageDigest.isEqual(expected, mac.get()))
        .map(signed -> new Grant(user.get(), token.repository(), token.access(), Set.of()));
  }

  private static byte[] mac(
      SigningKey key, String user, RepositoryName repository, Access access, long expiry) {
    return Secrets.hmac(
        key.secret(),
        List.of(
            FORM,
            key.id(),
            user,
            repository.namespace(),
            repository.name(),
            access.word(),
            String.valueOf(expiry)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Optional<byte[]> decoded(String text) {
    try {
      return Optional.of(Base64.getUrlDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      // A token from a client may contain anything.
      return Optional.empty();
    }
  }
}
