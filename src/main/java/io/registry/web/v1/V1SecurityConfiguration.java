package io.registry.web.v1;

import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.features.search.RepositorySearch;
import io.registry.web.access.AccessFilters;
import io.registry.web.access.AuthorizationGuard;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Configures the security filters of the V1 routes. There are no sessions and no cookies, and CSRF
 * tokens are not needed: another site's page cannot make a browser send a change with stored Basic
 * credentials. The changing requests are PUT and DELETE, which need a CORS preflight that is not
 * answered; a POST that takes no credentials; and a POST that must have the type {@code
 * application/json}, which needs a preflight too.
 */
@Configuration(proxyBeanMethods = false)
class V1SecurityConfiguration {

  @Bean
  WebMvcConfigurer decidedAccess(AccessFilters filters, IndexProperties index) {
    // With accounts the API has filters of its own.
    String[] decided =
        index.mode() == IndexMode.EMBEDDED
            ? new String[] {"/v1/**"}
            : new String[] {"/v1/**", "/api/**"};
    return new WebMvcConfigurer() {
      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        if (filters.callers().isPresent()) {
          registry
              .addInterceptor(new AuthorizationGuard(V1Target::isDecided))
              .addPathPatterns(decided);
        }
      }
    };
  }

  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  SecurityFilterChain v1SecurityFilterChain(
      HttpSecurity http, AccessFilters filters, ObjectProvider<RepositorySearch> search) {
    boolean searches = search.stream().findAny().isPresent();
    return filters.chain(
        http,
        searches
            ? (method, path) -> V1Target.of(method, path).or(() -> V1Target.ofSearch(method, path))
            : (method, path) -> V1Target.of(method, path).or(() -> V1Target.ofApi(method, path)));
  }
}
