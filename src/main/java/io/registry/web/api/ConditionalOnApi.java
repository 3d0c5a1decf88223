package io.registry.web.api;

import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.features.events.ConditionalOnWebhooks;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Conditional;

/** Registers a bean if any part of the API is enabled: accounts, search, tags, or webhooks. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Conditional(ConditionalOnApi.AnyPart.class)
@interface ConditionalOnApi {

  /** The parts of the API. */
  final class AnyPart extends AnyNestedCondition {
    AnyPart() {
      super(ConfigurationPhase.REGISTER_BEAN);
    }

    @ConditionalOnIndexMode(IndexMode.EMBEDDED)
    static final class Accounts {}

    @ConditionalOnProperty(prefix = "registry.search", name = "enabled")
    static final class Search {}

    @ConditionalOnProperty(prefix = "registry.v2", name = "enabled", matchIfMissing = true)
    static final class Tags {}

    @ConditionalOnWebhooks
    static final class Webhooks {}
  }
}
