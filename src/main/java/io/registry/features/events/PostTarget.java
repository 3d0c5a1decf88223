package io.registry.features.events;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;

/**
 * The address of a receiver, and how to send to it.
 *
 * @param url the URL
 * @param secret signs the requests; when empty, they are not signed
 * @param headers additional headers
 * @param timeout how long it may take until the whole answer has arrived
 */
record PostTarget(String url, String secret, Map<String, String> headers, Duration timeout) {

  /** Whether a text is a URL that requests can be sent to. */
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

  /** Omits what may be secret. */
  @Override
  public String toString() {
    return "PostTarget[timeout=" + timeout + "]";
  }
}
