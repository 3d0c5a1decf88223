package io.registry.access.auth;

import java.util.Base64;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Parses {@code X-Signature: data=BASE64[; k=v…]} (protocol 4.5). */
final class SignatureHeader {
  private SignatureHeader() {}

  /**
   * Parses a value of the header. Pairs other than {@code data} are ignored.
   *
   * @return the bytes of the signature; empty when the value is malformed
   */
  static Optional<byte[]> parse(String value) {
    Optional<byte[]> data = Optional.empty();
    Set<String> names = new HashSet<>();
    for (String pair : value.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        return Optional.empty();
      }
      String name = pair.substring(0, equals).strip().toLowerCase(Locale.ROOT);
      if (name.isEmpty() || !names.add(name)) {
        return Optional.empty();
      }
      if (name.equals("data")) {
        data = decode(pair.substring(equals + 1).strip());
        if (data.isEmpty()) {
          return data;
        }
      }
    }
    return data;
  }

  private static Optional<byte[]> decode(String base64) {
    try {
      return base64.isEmpty() ? Optional.empty() : Optional.of(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
