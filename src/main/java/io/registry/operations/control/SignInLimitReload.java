package io.registry.operations.control;

import io.registry.access.auth.SignInLimitProperties;
import io.registry.access.auth.SignInLimits;
import java.util.Optional;

/** Applies changes of {@code registry.auth.limits}. Former failures are forgotten. */
final class SignInLimitReload implements Reload {
  private static final String PREFIX = "registry.auth.limits";

  private final SignInLimits limits;

  SignInLimitReload(SignInLimits limits) {
    this.limits = limits;
  }

  @Override
  public boolean covers(String property) {
    return property.startsWith(PREFIX + ".");
  }

  @Override
  public Optional<Change> prepare(Settings settings) {
    SignInLimitProperties next = settings.bind(PREFIX, SignInLimitProperties.class);
    if (next.equals(limits.settings())) {
      return Optional.empty();
    }
    return Optional.of(
        () -> {
          limits.renew(next);
          return "limits of sign-ins";
        });
  }
}
