package io.registry.access.auth;

import java.util.List;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Evaluates {@link ConditionalOnIndexMode}. */
final class OnIndexMode implements Condition {

  @Override
  public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
    IndexMode mode =
        Binder.get(context.getEnvironment())
            .bind("registry.index.mode", IndexMode.class)
            .orElse(IndexMode.STANDALONE);
    IndexMode[] wanted =
        metadata
            .getAnnotations()
            .get(ConditionalOnIndexMode.class)
            .getEnumArray("value", IndexMode.class);
    return List.of(wanted).contains(mode);
  }
}
