package io.registry.web.http;

import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the access log, which has a line for each request.
 *
 * @param format format of the lines: none, combined as web servers write it, or json
 * @param file file to append to; when empty, the standard output
 */
@Validated
@ConfigurationProperties("registry.access-log")
public record AccessLogProperties(
    @DefaultValue("none") @NotNull Format format, @DefaultValue("") String file) {

  /** The formats of the access log. */
  public enum Format {
    /** No access log. */
    NONE,
    /** The combined format of common web servers, with additional fields at the end. */
    COMBINED,
    /** A JSON object per line. */
    JSON
  }
}
