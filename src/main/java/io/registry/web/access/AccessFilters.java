package io.registry.web.access;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessProperties;
import io.registry.access.auth.Audit;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import jakarta.servlet.Filter;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Lazy;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Makes the filters before the controllers of a protocol. There are no sessions and no cookies.
 *
 * <p>The requests of a protocol are what its {@code HttpSecurity} matches; there is one chain for
 * each protocol, and {@code @Order} puts that of V1, which matches everything, behind the others.
 */
@Component
public class AccessFilters {
  private final Optional<CallerResolver> callers;
  private final AccessPolicy policy;
  private final Audit audit;
  private final HandlerExceptionResolver refusals;

  AccessFilters(
      ObjectProvider<CallerResolver> callers,
      AccessPolicy policy,
      Audit audit,
      AccessProperties access,
      IndexProperties index,
      @Lazy @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    this.callers =
        callers.stream()
            .findFirst()
            .filter(found -> index.mode() != IndexMode.REMOTE || !access.disableTokenAuth());
    this.policy = policy;
    this.audit = audit;
    this.refusals = refusals;
  }

  /** The resolver of callers; nothing when every caller may do everything. */
  public Optional<CallerResolver> callers() {
    return callers;
  }

  /**
   * The filters of a protocol. Every request passes where every caller may do everything.
   *
   * @param requests tells what a request is about
   */
  public SecurityFilterChain chain(HttpSecurity http, AccessRequests requests) {
    return callers
        .map(found -> chain(http, requests, found))
        .orElseGet(() -> chain(http, new OpenFilter()));
  }

  /**
   * The filters of a protocol that always asks.
   *
   * @param requests tells what a request is about
   * @param callerResolver resolves the caller
   */
  public SecurityFilterChain chain(
      HttpSecurity http, AccessRequests requests, CallerResolver callerResolver) {
    return chain(http, new AccessFilter(callerResolver, policy, audit, refusals, requests));
  }

  private static SecurityFilterChain chain(HttpSecurity http, Filter filter) {
    return stateless(http)
        .exceptionHandling(AbstractHttpConfigurer::disable)
        // What may be cached is for each answer to say.
        .headers(headers -> headers.cacheControl(HeadersConfigurer.CacheControlConfig::disable))
        .addFilterAfter(filter, HeaderWriterFilter.class)
        .build();
  }

  /** Switches off what is for browsers: sessions, cookies, and what needs them. */
  public static HttpSecurity stateless(HttpSecurity http) {
    return http.csrf(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .servletApi(AbstractHttpConfigurer::disable)
        .anonymous(AbstractHttpConfigurer::disable)
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
  }
}
