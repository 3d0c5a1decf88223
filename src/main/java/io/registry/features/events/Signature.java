package io.registry.features.events;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature headers of requests to receivers: those of Standard Webhooks, whose signature
 * includes the time, and the one that GitHub made common, which covers the body only.
 */
final class Signature {
  private static final String ALGORITHM = "HmacSHA256";

  private Signature() {}

  /**
   * Computes the headers.
   *
   * @param secret the key, used as its UTF-8 bytes; when empty, there are no signatures
   * @param id the same for each attempt
   * @param time when the request is sent
   * @param body the body
   */
  static Map<String, String> headers(String secret, String id, Instant time, byte[] body) {
    Map<String, String> headers = new LinkedHashMap<>();
    String seconds = String.valueOf(time.getEpochSecond());
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", seconds);
    if (!secret.isEmpty()) {
      byte[] start = (id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8);
      headers.put(
          "webhook-signature",
          "v1," + Base64.getEncoder().encodeToString(mac(secret, start, body)));
      headers.put("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(mac(secret, body)));
    }
    return headers;
  }

  private static byte[] mac(String secret, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
