package io.registry.features.events;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Evaluates {@link ConditionalOnEvents}. */
final class OnEvents implements Condition {

  @Override
  public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
    Environment environment = context.getEnvironment();
    return environment.getProperty("registry.events.log", Boolean.class, false)
        || OnVeto.isSet(environment)
        || OnWebhooks.areSet(environment);
  }
}
