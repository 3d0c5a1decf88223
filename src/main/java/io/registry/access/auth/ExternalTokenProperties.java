package io.registry.access.auth;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A token service elsewhere, whose tokens count over V2 in place of those of the registry, as with
 * {@code auth.token} of Distribution. All four settings are needed, or none.
 *
 * @param realm URL at which clients get tokens
 * @param service the name of this registry at the token service, as its tokens have it in {@code
 *     aud}
 * @param issuer the name of the token service, as its tokens have it in {@code iss}
 * @param jwks the public keys of the token service, as a JSON Web Key Set or as certificates in PEM
 *     (the {@code rootcertbundle} of Distribution): a file, or an http or https URL
 */
@ConfigurationProperties("registry.v2.token")
public record ExternalTokenProperties(
    @DefaultValue("") String realm,
    @DefaultValue("") String service,
    @DefaultValue("") String issuer,
    @DefaultValue("") String jwks) {

  /**
   * Checks that nothing is missing.
   *
   * @throws IllegalArgumentException when some of it is, or makes no sense; says what
   */
  public ExternalTokenProperties {
    if (Stream.of(realm, service, issuer, jwks).anyMatch(value -> !value.isBlank())) {
      require("realm", realm);
      require("service", service);
      require("issuer", issuer);
      require("jwks", jwks);
      if (!isUrl(realm)) {
        throw new IllegalArgumentException(
            "registry.v2.token.realm must be an http or https URL, not " + realm);
      }
      if (isRemote(jwks) && !isUrl(jwks)) {
        throw new IllegalArgumentException(
            "registry.v2.token.jwks must be a file, or an http or https URL, not " + jwks);
      }
    }
  }

  private static void require(String name, String value) {
    // Both are written between quotes in a header.
    if (value.isBlank() || value.chars().anyMatch(c -> c < ' ' || c > '~' || c == '"')) {
      throw new IllegalArgumentException(
          "registry.v2.token.%s must be set, without quotes and other than ASCII, when one of the"
                  .formatted(name)
              + " settings registry.v2.token.* is");
    }
  }

  private static boolean isUrl(String text) {
    try {
      return isRemote(text) && new URI(text).getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isRemote(String text) {
    return text.startsWith("http://") || text.startsWith("https://");
  }

  /** Whether there is a token service elsewhere. */
  public boolean isOn() {
    return !jwks.isEmpty();
  }

  boolean keysAreRemote() {
    return isRemote(jwks);
  }
}
