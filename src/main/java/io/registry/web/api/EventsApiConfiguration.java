package io.registry.web.api;

import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import io.registry.events.ConditionalOnWebhooks;
import io.registry.json.StrictJson;
import io.registry.web.RegistryProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** What the part of the API about events needs where there are no accounts. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnIndexMode(IndexMode.STANDALONE)
@ConditionalOnWebhooks
class EventsApiConfiguration implements WebMvcConfigurer {
  private final RegistryProperties registry;

  EventsApiConfiguration(RegistryProperties registry) {
    this.registry = registry;
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    converters.addCustomConverter(
        new BodyConverter(new StrictJson(), registry.limits().jsonSize()));
  }
}
