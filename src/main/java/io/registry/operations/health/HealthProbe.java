package io.registry.operations.health;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;

/**
 * A program that asks a running registry on this machine whether it is ready, and exits with 0 if
 * so. It is for containers and services: it needs no shell and no other program, and loads nothing
 * but the JDK.
 */
public final class HealthProbe {
  private static final String DEFAULT_PORT = "5000";
  private static final String PATH = "/actuator/health/readiness";
  private static final int TIMEOUT_MILLIS = 4_000;
  private static final int PAUSE_MILLIS = 200;

  private final ProbeOptions options;
  private final Map<String, String> environment;

  private HealthProbe(ProbeOptions options, Map<String, String> environment) {
    this.options = options;
    this.environment = environment;
  }

  /**
   * Exits with 0 when the registry is ready, otherwise with 1 and a message.
   *
   * @param arguments the URL to request, by default the one that the environment implies; {@code
   *     --wait=SECONDS} to repeat until the registry is ready, for up to that long; {@code
   *     --process=ID} to give up when that process ends
   */
  public static void main(String[] arguments) throws InterruptedException {
    HealthProbe probe = new HealthProbe(ProbeOptions.parse(arguments), System.getenv());
    System.exit(probe.isReadyInTime() ? 0 : 1);
  }

  private boolean isReadyInTime() throws InterruptedException {
    long end = System.nanoTime() + options.patience().toNanos();
    while (true) {
      Answer answer = ask();
      boolean last = System.nanoTime() - end >= 0 || !options.processLives();
      if (answer.ready() || last) {
        System.out.println(answer.text());
        return answer.ready();
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private Answer ask() {
    String url = "The registry";
    try {
      url = options.url().isEmpty() ? url(environment) : options.url();
      int status = ask(URI.create(url));
      return new Answer(status == HttpURLConnection.HTTP_OK, url + " answers " + status);
    } catch (IOException | RuntimeException e) {
      return new Answer(false, url + " does not answer: " + e);
    }
  }

  /**
   * The URL of the readiness endpoint: from the readiness file if there is one, otherwise by
   * default.
   */
  static String url(Map<String, String> environment) throws IOException {
    String file = environment.getOrDefault("REGISTRY_READINESS_FILE", "");
    return file.isEmpty() ? defaultUrl(environment) : Files.readString(Path.of(file)).strip();
  }

  /** The URL of the readiness endpoint that the environment variables imply. */
  static String defaultUrl(Map<String, String> environment) {
    String port =
        environment.getOrDefault(
            "MANAGEMENT_SERVER_PORT",
            environment.getOrDefault("SERVER_PORT", oldPort(environment)));
    return "http://127.0.0.1:" + port + PATH;
  }

  // The original's variable counts, too. In the neighbourhood of a container or service named
  // "registry" it contains a URL instead of a port.
  private static String oldPort(Map<String, String> environment) {
    String port = environment.getOrDefault("REGISTRY_PORT", "");
    return port.matches("\\d{1,5}") ? port : DEFAULT_PORT;
  }

  private static int ask(URI url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    if (connection instanceof HttpsURLConnection secured) {
      AnyCertificate.allow(secured);
    }
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    connection.setInstanceFollowRedirects(false);
    return connection.getResponseCode();
  }

  private record Answer(boolean ready, String text) {}
}
