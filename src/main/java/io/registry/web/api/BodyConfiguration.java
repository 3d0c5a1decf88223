package io.registry.web.api;

import io.registry.platform.json.StrictJson;
import io.registry.web.http.CurrentLimits;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Configures how request and response bodies of the API are converted. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnApi
class BodyConfiguration implements WebMvcConfigurer {
  private final CurrentLimits limits;

  BodyConfiguration(CurrentLimits limits) {
    this.limits = limits;
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    converters.addCustomConverter(new BodyConverter(new StrictJson(), limits));
  }
}
