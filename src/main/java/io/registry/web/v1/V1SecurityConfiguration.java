package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.AccessProperties;
import io.registry.auth.Audit;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import io.registry.auth.IndexProperties;
import io.registry.auth.PrivilegedKeys;
import io.registry.auth.TokenVerifier;
import io.registry.search.RepositorySearch;
import jakarta.servlet.Filter;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;
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
  @ConditionalOnIndexMode({IndexMode.REMOTE, IndexMode.EMBEDDED})
  CallerResolver callerResolver(
      TokenVerifier tokens,
      ObjectProvider<BasicSignIn> accounts,
      PrivilegedKeys keys,
      Audit audit) {
    return new SignedCallers(
        keys, audit, new CheckedCallers(tokens, accounts.stream().findFirst(), audit));
  }

  @Bean
  WebMvcConfigurer decidedAccess(
      ObjectProvider<CallerResolver> callerResolver,
      AccessProperties access,
      IndexProperties index) {
    boolean open = checked(callerResolver, access, index).isEmpty();
    // In modes with accounts, the REST API has filters of its own.
    String[] decided =
        index.mode() == IndexMode.EMBEDDED
            ? new String[] {"/v1/**"}
            : new String[] {"/v1/**", "/api/**"};
    return new WebMvcConfigurer() {
      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        if (!open) {
          registry.addInterceptor(new AuthorizationGuard()).addPathPatterns(decided);
        }
      }
    };
  }

  private static Optional<CallerResolver> checked(
      ObjectProvider<CallerResolver> callerResolver,
      AccessProperties access,
      IndexProperties index) {
    return callerResolver.stream()
        .findFirst()
        .filter(found -> index.mode() != IndexMode.REMOTE || !access.disableTokenAuth());
  }

  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  SecurityFilterChain v1SecurityFilterChain(
      HttpSecurity http,
      ObjectProvider<CallerResolver> callerResolver,
      AccessPolicy policy,
      Audit audit,
      AccessProperties access,
      IndexProperties index,
      ObjectProvider<RepositorySearch> search,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    boolean searches = search.stream().findAny().isPresent();
    Filter filter =
        checked(callerResolver, access, index)
            .<Filter>map(
                found -> new AccessFilter(found, policy, audit, refusals, targets(searches)))
            .orElseGet(OpenFilter::new);
    return http.csrf(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .servletApi(AbstractHttpConfigurer::disable)
        .anonymous(AbstractHttpConfigurer::disable)
        .exceptionHandling(AbstractHttpConfigurer::disable)
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        // Each answer sets its own caching headers.
        .headers(headers -> headers.cacheControl(HeadersConfigurer.CacheControlConfig::disable))
        .addFilterAfter(filter, HeaderWriterFilter.class)
        .build();
  }

  private static AccessFilter.Targets targets(boolean searches) {
    return searches
        ? (method, path) -> V1Target.of(method, path).or(() -> V1Target.ofSearch(method, path))
        : V1Target::of;
  }

  /** Measuring each of Spring Security's filters takes as long as a small request itself. */
  @Bean
  SecurityObservationSettings securityObservations() {
    return SecurityObservationSettings.noObservations();
  }

  /** {@link V1PathFilter} normalizes paths: names may contain what Spring's firewall refuses. */
  @Bean
  HttpFirewall firewall() {
    return new V1Firewall();
  }
}
