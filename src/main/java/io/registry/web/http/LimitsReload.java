package io.registry.web.http;

import io.registry.operations.control.Reload;
import io.registry.operations.control.Settings;
import java.util.Optional;

/** Applies changed settings of {@code registry.limits}. */
final class LimitsReload implements Reload {
  private final CurrentLimits limits;
  private final ConcurrencyLimits concurrency;

  LimitsReload(CurrentLimits limits, ConcurrencyLimits concurrency) {
    this.limits = limits;
    this.concurrency = concurrency;
  }

  @Override
  public boolean covers(String property) {
    return property.startsWith("registry.limits.");
  }

  @Override
  public Optional<Change> prepare(Settings settings) {
    LimitProperties next = settings.bind("registry.limits", LimitProperties.class);
    if (next.equals(limits.get())) {
      return Optional.empty();
    }
    return Optional.of(
        () -> {
          limits.set(next);
          return "limits (at the same time: " + concurrency.reset() + ")";
        });
  }
}
