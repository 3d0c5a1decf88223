package io.registry.upstream.v2;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * How a client proves to a registry who it is.
 *
 * @param header the value of the header {@code Authorization}; empty for a client that shows
 *     nothing
 * @param identityToken what stands for it at the token service; empty when there is none
 */
public record Login(Optional<String> header, String identityToken) {
  /** A client that shows nothing. */
  public static final Login NONE = new Login(Optional.empty(), "");

  /**
   * A client with a name and a password.
   *
   * @param user the name; empty for none
   */
  static Login of(String user, String password, String identityToken) {
    byte[] text = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    Optional<String> basic = Optional.of("Basic " + Base64.getEncoder().encodeToString(text));
    return new Login(basic.filter(any -> !user.isEmpty()), identityToken);
  }

  /** Never the secrets, because records are printed. */
  @Override
  public String toString() {
    return "Login";
  }
}
