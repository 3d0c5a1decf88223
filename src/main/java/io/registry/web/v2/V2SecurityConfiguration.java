package io.registry.web.v2;

import io.registry.auth.Audit;
import io.registry.auth.ExternalTokens;
import io.registry.repository.Tags;
import io.registry.web.access.AccessFilters;
import io.registry.web.access.AuthorizationGuard;
import io.registry.web.access.CallerResolver;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
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
      HttpSecurity http,
      AccessFilters filters,
      ObjectProvider<ExternalTokens> elsewhere,
      ObjectProvider<TokenDesk> desk,
      Tags tags,
      Audit audit) {
    http.securityMatcher(request -> V2Path.owns(request.getRequestURI()));
    V2AccessRequests requests = new V2AccessRequests(name -> tags.list(name).isPresent());
    Optional<ExternalTokens> external = elsewhere.stream().findFirst();
    Optional<CallerResolver> callers =
        external.isPresent()
            ? external.map(found -> new ExternalCallers(filters.callers(), found))
            : filters.callers().map(any -> new V2Callers(desk.getObject(), audit));
    return callers
        .map(found -> filters.chain(http, requests, found))
        .orElseGet(() -> filters.chain(http, requests));
  }

  @Bean
  WebMvcConfigurer v2DecidedAccess(
      AccessFilters filters, ObjectProvider<ExternalTokens> elsewhere) {
    return new WebMvcConfigurer() {
      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        if (filters.callers().isPresent() || elsewhere.stream().findFirst().isPresent()) {
          registry
              .addInterceptor(new AuthorizationGuard(V2AccessRequests::isDecided))
              .addPathPatterns("/v2/**")
              .excludePathPatterns(V2AccessRequests.TOKEN);
        }
      }
    };
  }
}
