package io.registry.ops;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;

/**
 * A program that asks a running registry on this machine whether it is ready, and ends with 0 when
 * it is. For containers: it needs no shell, no other program, and nothing but the JDK to load.
 */
public final class HealthProbe {
  private static final String DEFAULT_PORT = "5000";
  private static final String PATH = "/actuator/health/readiness";
  private static final int TIMEOUT_MILLIS = 4_000;

  private HealthProbe() {}

  /**
   * Ends with 0 when the registry is ready, else with 1 and what is wrong.
   *
   * @param arguments the URL that is asked; none for the one that the environment says
   */
  public static void main(String[] arguments) {
    URI readiness = URI.create(arguments.length > 0 ? arguments[0] : defaultUrl(System.getenv()));
    try {
      int status = ask(readiness);
      System.out.println(readiness + " answers " + status);
      System.exit(status == HttpURLConnection.HTTP_OK ? 0 : 1);
    } catch (IOException | RuntimeException e) {
      System.out.println(readiness + " does not answer: " + e);
      System.exit(1);
    }
  }

  /** Where a registry with that environment tells whether it is ready. */
  static String defaultUrl(Map<String, String> environment) {
    String port =
        environment.getOrDefault(
            "MANAGEMENT_SERVER_PORT", environment.getOrDefault("SERVER_PORT", DEFAULT_PORT));
    return "http://127.0.0.1:" + port + PATH;
  }

  private static int ask(URI url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    connection.setInstanceFollowRedirects(false);
    return connection.getResponseCode();
  }
}
