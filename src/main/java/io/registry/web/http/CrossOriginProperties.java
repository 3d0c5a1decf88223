package io.registry.web.http;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of cross-origin requests: which web pages may use the registry from a browser (CORS;
 * {@code cors.*} of protocol 8.2).
 *
 * @param origins allowed origins: {@code https://ui.example.com}, {@code https://*.example.com}, or
 *     {@code *} for any; none when empty
 * @param methods allowed methods
 * @param headers request headers that are allowed in addition to the ones that every page may send
 * @param exposeHeaders response headers that pages may read in addition to the ones that every page
 *     may read
 * @param supportsCredentials whether browsers may send cookies and stored credentials
 * @param maxAge how long a browser may cache the answer to a preflight request; 0 for the browser's
 *     default
 * @param resources paths to which the settings apply, with {@code **} for any
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
   * Validates the settings.
   *
   * @throws IllegalArgumentException when any page could send credentials
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
