package io.registry.features.events;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Matches when a veto hook is configured. */
final class OnVeto implements Condition {

  @Override
  public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
    return isSet(context.getEnvironment());
  }

  static boolean isSet(Environment environment) {
    return !environment.getProperty("registry.events.veto.url", "").isBlank();
  }
}
