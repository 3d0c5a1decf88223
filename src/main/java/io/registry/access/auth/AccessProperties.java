package io.registry.access.auth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of access without a check by the index.
 *
 * @param anonymousRead whether a client without credentials may read public repositories. The
 *     default is yes with accounts, where a repository is public only if its owner chose so, and no
 *     with a remote index, where a repository is public unless the index says otherwise
 * @param disableTokenAuth with a remote index: whether tokens are ignored, so that every client
 *     that reaches the registry may do everything, like the setting of that name of the original
 * @param openedFor with accounts: how long an account that has opened a repository of another
 *     namespace may get its images with name and password, at least 1 minute. Each use of the
 *     images restarts the period.
 */
@ConfigurationProperties("registry.auth")
public record AccessProperties(
    @Nullable Boolean anonymousRead,
    @DefaultValue("false") boolean disableTokenAuth,
    @DefaultValue("1h") Duration openedFor) {

  /**
   * Validates the duration.
   *
   * @throws IllegalArgumentException when {@code openedFor} is too short
   */
  public AccessProperties {
    if (openedFor.compareTo(Duration.ofMinutes(1)) < 0) {
      throw new IllegalArgumentException(
          "registry.auth.opened-for must be 1m or more, not " + openedFor);
    }
  }

  /** Whether a client without credentials may read public repositories in the given mode. */
  public boolean isReadByAnonymous(IndexMode mode) {
    return anonymousRead == null ? mode == IndexMode.EMBEDDED : anonymousRead;
  }
}
