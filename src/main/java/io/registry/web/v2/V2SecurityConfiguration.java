package io.registry.web.v2;

import io.registry.auth.TokenVerifier;
import io.registry.web.access.AccessFilters;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The filters before the controllers of V2. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnV2
class V2SecurityConfiguration {

  @Bean
  @Order(0)
  SecurityFilterChain v2SecurityFilterChain(
      HttpSecurity http, AccessFilters filters, ObjectProvider<TokenVerifier> tokens) {
    http.securityMatcher(request -> V2Path.owns(request.getRequestURI()));
    V2AccessRequests requests = new V2AccessRequests();
    return filters
        .callers()
        .map(others -> new V2Callers(others, tokens.getObject()))
        .map(callers -> filters.chain(http, requests, callers))
        .orElseGet(() -> filters.chain(http, requests));
  }
}
