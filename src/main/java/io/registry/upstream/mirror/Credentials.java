package io.registry.upstream.mirror;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The credentials that are sent to the source.
 *
 * @param authorization the {@code Authorization} header; empty for none
 * @param cookie the {@code Cookie} header; empty for none
 */
record Credentials(String authorization, String cookie) {
  static final Credentials NONE = new Credentials("", "");

  /** The configured credentials. */
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

  /** A token, with or without the word {@code Token} before it (protocol 4.1). */
  static Credentials token(String token) {
    boolean named = token.regionMatches(true, 0, "Token ", 0, "Token ".length());
    return new Credentials(named ? token : "Token " + token, "");
  }

  @Override
  public String toString() {
    return "Credentials";
  }
}
