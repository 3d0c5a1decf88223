package io.registry.web.access;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Name and password of the Basic scheme (RFC 7617).
 *
 * @param name the part before the first colon
 * @param password the rest
 */
record BasicCredentials(String name, String password) {

  /**
   * Parses what follows the word {@code Basic}.
   *
   * @return the credentials; empty when the text is not Base64 of UTF-8 with a colon
   */
  static Optional<BasicCredentials> parse(String encoded) {
    try {
      byte[] bytes = Base64.getDecoder().decode(encoded);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      int colon = text.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(new BasicCredentials(text.substring(0, colon), text.substring(colon + 1)));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** Daemons send a lone colon when no user is logged in (protocol 4.6). */
  boolean isEmpty() {
    return name.isEmpty() && password.isEmpty();
  }

  /** Omits the password. */
  @Override
  public String toString() {
    return "BasicCredentials[" + name + "]";
  }
}
