package io.registry.web;

import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the log with a line for each request.
 *
 * @param format the form of the lines: none, combined as web servers write it, or json
 * @param file where they are appended; when empty, the standard output
 */
@Validated
@ConfigurationProperties("registry.access-log")
public record AccessLogProperties(
    @DefaultValue("none") @NotNull Format format, @DefaultValue("") String file) {

  /** The form of the lines. */
  public enum Format {
    /** There are no lines. */
    NONE,
    /** The form that many web servers share, with fields of ours at the end. */
    COMBINED,
    /** An object for each line. */
    JSON
  }
}
