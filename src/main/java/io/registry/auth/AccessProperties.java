package io.registry.auth;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is let through without a word from the index.
 *
 * @param anonymousRead whether who shows no credentials may read repositories that are public
 * @param disableTokenAuth with an index elsewhere: whether tokens are not looked at, so that
 *     whoever reaches the registry may do everything, as the original's setting of that name
 * @param openedFor with accounts: how long an account that has opened a repository of another
 *     namespace gets its images with name and password, at least 1 minute. Each use of the images
 *     begins the time anew.
 */
@ConfigurationProperties("registry.auth")
public record AccessProperties(
    @DefaultValue("false") boolean anonymousRead,
    @DefaultValue("false") boolean disableTokenAuth,
    @DefaultValue("1h") Duration openedFor) {

  /**
   * Checks the time.
   *
   * @throws IllegalArgumentException when it is too short
   */
  public AccessProperties {
    if (openedFor.compareTo(Duration.ofMinutes(1)) < 0) {
      throw new IllegalArgumentException(
          "registry.auth.opened-for must be 1m or more, not " + openedFor);
    }
  }
}
