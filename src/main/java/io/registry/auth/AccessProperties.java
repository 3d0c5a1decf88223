package io.registry.auth;

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
 */
@ConfigurationProperties("registry.auth")
public record AccessProperties(
    @Nullable Boolean anonymousRead, @DefaultValue("false") boolean disableTokenAuth) {

  /** Whether a client without credentials may read repositories that are public in this mode. */
  public boolean isReadByAnonymous(IndexMode mode) {
    return anonymousRead == null ? mode == IndexMode.EMBEDDED : anonymousRead;
  }
}
