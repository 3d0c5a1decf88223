package io.registry.web;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Whether pages of other origins may use the registry from a browser (CORS; {@code cors.*} of
 * protocol 8.2).
 *
 * @param origins the origins that may: {@code https://ui.example.com}, {@code
 *     https://*.example.com}, or {@code *} for any; none when empty
 * @param methods the methods that they may use
 * @param headers the headers that they may send, besides those that every page may
 * @param exposeHeaders the headers of answers that they may read, besides those that every page may
 * @param supportsCredentials whether browsers may send what they remember of a user with it
 * @param maxAge how long a browser may remember what it may do; 0 for as long as it likes
 * @param resources the paths for which all this holds, with {@code **} for any
 */
@Validated
@ConfigurationProperties("registry.cors")
public record CrossOriginProperties(
    @DefaultValue List<String> origins,
    @DefaultValue({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
        List<String> methods,
    @DefaultValue("Content-Type") List<String> headers,
    @DefaultValue List<String> exposeHeaders,
    @DefaultValue("false") boolean supportsCredentials,
    @DefaultValue("0s") @NotNull Duration maxAge,
    @DefaultValue("/**") List<String> resources) {

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException when credentials could be sent from any page
   */
  public CrossOriginProperties {
    if (supportsCredentials && origins.contains("*")) {
      throw new IllegalArgumentException(
          "registry.cors.origins must name the origins when registry.cors.supports-credentials is"
              + " on, and not be *");
    }
    if (maxAge.isNegative()) {
      throw new IllegalArgumentException("registry.cors.max-age must not be below 0");
    }
  }
}
