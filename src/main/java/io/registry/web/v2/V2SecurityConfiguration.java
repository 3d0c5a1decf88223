package io.registry.web.v2;

import io.registry.web.access.AccessFilters;
import io.registry.web.access.AuthorizationGuard;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The filters before the controllers of V2. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnV2
class V2SecurityConfiguration {

  @Bean
  @Order(0)
  SecurityFilterChain v2SecurityFilterChain(
      HttpSecurity http, AccessFilters filters, V2Access access) {
    http.securityMatcher(request -> V2Path.owns(request.getRequestURI()));
    return access
        .callers()
        .map(found -> filters.chain(http, access.requests(), found))
        .orElseGet(() -> filters.chain(http, access.requests()));
  }

  @Bean
  WebMvcConfigurer v2DecidedAccess(V2Access access) {
    return new WebMvcConfigurer() {
      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        if (access.callers().isPresent()) {
          registry
              .addInterceptor(new AuthorizationGuard(V2AccessRequests::isDecided))
              .addPathPatterns("/v2/**")
              .excludePathPatterns(V2AccessRequests.TOKEN);
        }
      }
    };
  }
}
