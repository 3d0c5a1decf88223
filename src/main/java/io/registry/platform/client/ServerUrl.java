package io.registry.platform.client;

import java.net.URI;
import java.net.URISyntaxException;

/** The checks of a setting that is the URL of another server. */
public final class ServerUrl {
  /** What a setting must be, for an error text. */
  public static final String RULE =
      "must be an http or https URL without user, password, query and fragment";

  private ServerUrl() {}

  /** The URL without blanks around it and slashes at its end. */
  public static String trimmed(String url) {
    return url.strip().replaceFirst("/+$", "");
  }

  /** Whether a text is as {@link #RULE} says. */
  public static boolean isValid(String text) {
    try {
      URI url = new URI(text);
      return ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
          && url.getHost() != null
          && url.getRawUserInfo() == null
          && url.getRawQuery() == null
          && url.getRawFragment() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
