package io.registry.web;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Puts {@link ConcurrencyFilter} where paths have their one spelling and nobody is known yet. */
@Configuration(proxyBeanMethods = false)
class ConcurrencyConfiguration {
  /** After the paths, and after those who answer browsers that ask beforehand. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 2;

  // Those who answer are looked for when there is something to answer: filters come before all
  // else.
  @Bean
  FilterRegistrationBean<ConcurrencyFilter> concurrencyFilter(
      Protocols protocols,
      ConcurrencyLimits limits,
      @Lazy @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    FilterRegistrationBean<ConcurrencyFilter> registration =
        new FilterRegistrationBean<>(new ConcurrencyFilter(protocols, limits, refusals));
    registration.setOrder(ORDER);
    return registration;
  }
}
