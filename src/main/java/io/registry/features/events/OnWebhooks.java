package io.registry.features.events;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Evaluates {@link ConditionalOnWebhooks}. */
final class OnWebhooks implements Condition {

  @Override
  public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
    return areSet(context.getEnvironment());
  }

  static boolean areSet(Environment environment) {
    return Binder.get(environment)
        .bind("registry.events.webhooks", Bindable.mapOf(String.class, String.class))
        .map(webhooks -> !webhooks.isEmpty())
        .orElse(false);
  }
}
