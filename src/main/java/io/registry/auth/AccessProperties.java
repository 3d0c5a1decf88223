package io.registry.auth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is let through without a word from the index.
 *
 * @param anonymousRead whether a client without credentials may read repositories that are public;
 *     when nothing is set, yes with accounts, where a repository is public because its owner says
 *     so, and no with an index elsewhere, where it is public unless the index says otherwise
 * @param disableTokenAuth with an index elsewhere: whether tokens are not looked at, so that
 *     whoever reaches the registry may do everything, as the original's setting of that name
 * @param openedFor with accounts: how long an account that has opened a repository of another
 *     namespace gets its images with name and password, at least 1 minute. Each use of the images
 *     begins the time anew.
 */
@ConfigurationProperties("registry.auth")
public record AccessProperties(
    @Nullable Boolean anonymousRead,
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

  /** Whether a client without credentials may read repositories that are public in this mode. */
  public boolean isReadByAnonymous(IndexMode mode) {
    return anonymousRead == null ? mode == IndexMode.EMBEDDED : anonymousRead;
  }
}
