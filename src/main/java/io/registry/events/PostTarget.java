package io.registry.events;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;

/**
 * Where something is sent, and how.
 *
 * @param url the URL
 * @param secret signs it; when empty, nothing does
 * @param headers more headers
 * @param timeout how long it may take until the whole answer is there
 */
record PostTarget(String url, String secret, Map<String, String> headers, Duration timeout) {

  /** Whether something can be sent there. */
  static boolean isUrl(String text) {
    try {
      URI url = new URI(text);
      return ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
          && url.getHost() != null
          && url.getRawUserInfo() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Without what may be secret. */
  @Override
  public String toString() {
    return "PostTarget[timeout=" + timeout + "]";
  }
}
