package io.registry.upstream.v2;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * How a client proves to a registry who it is.
 *
 * @param user the name; empty for nobody
 * @param password the password
 * @param identityToken what stands for both at the token service; empty when there is none
 */
public record Login(String user, String password, String identityToken) {
  /** A client that shows nothing. */
  public static final Login NONE = new Login("", "", "");

  /** The header for Basic authentication; empty for a client that shows nothing. */
  Optional<String> basic() {
    if (user.isEmpty()) {
      return Optional.empty();
    }
    byte[] text = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return Optional.of("Basic " + Base64.getEncoder().encodeToString(text));
  }

  /** Never the secrets, because records are printed. */
  @Override
  public String toString() {
    return user.isEmpty() ? "nobody" : user;
  }
}
