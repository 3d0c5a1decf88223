package io.registry.mirror;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What the source is shown of who asks.
 *
 * @param authorization the header; empty for none
 * @param cookie the header; empty for none
 */
record Credentials(String authorization, String cookie) {
  static final Credentials NONE = new Credentials("", "");

  /** Those that are set. */
  static Credentials of(MirrorProperties settings) {
    if (!settings.token().isEmpty()) {
      return token(settings.token());
    }
    if (settings.username().isEmpty()) {
      return NONE;
    }
    byte[] both =
        (settings.username() + ":" + settings.password()).getBytes(StandardCharsets.UTF_8);
    return new Credentials("Basic " + Base64.getEncoder().encodeToString(both), "");
  }

  /** A token, with the word before it or without (protocol 4.1). */
  static Credentials token(String token) {
    boolean named = token.regionMatches(true, 0, "Token ", 0, "Token ".length());
    return new Credentials(named ? token : "Token " + token, "");
  }

  @Override
  public String toString() {
    return "Credentials";
  }
}
