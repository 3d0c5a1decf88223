package io.registry.web.http;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Registers {@link ConcurrencyFilter} after the normalization of paths and before authentication.
 */
@Configuration(proxyBeanMethods = false)
class ConcurrencyConfiguration {
  /** After the filters for paths and for CORS preflight requests. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 2;

  // The exception resolver is looked up lazily, because filters are created before other beans.
  @Bean
  FilterRegistrationBean<ConcurrencyFilter> concurrencyFilter(
      Protocols protocols,
      ConcurrencyLimits limits,
      ClientPushes pushes,
      @Lazy @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    FilterRegistrationBean<ConcurrencyFilter> registration =
        new FilterRegistrationBean<>(new ConcurrencyFilter(protocols, limits, refusals, pushes));
    registration.setOrder(ORDER);
    return registration;
  }
}
