package io.registry.web.api;

import io.registry.access.auth.Audit;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.LimitedSignIn;
import io.registry.platform.json.JsonCodec;
import io.registry.web.access.AccessFilters;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Configures the REST API and its security filters. Each request has a name and password; there are
 * no sessions and no cookies, and CSRF tokens are not needed: another site's page could make a
 * browser send stored Basic credentials, but not with a change. A POST must have the type {@code
 * application/json}, which a form cannot send, and that, like PUT, PATCH and DELETE, needs a CORS
 * preflight, which is not answered.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class ApiConfiguration implements WebMvcConfigurer {
  private final Audit audit;

  ApiConfiguration(Audit audit) {
    this.audit = audit;
  }

  @Bean
  @Order(1)
  SecurityFilterChain apiSecurityFilterChain(
      HttpSecurity http,
      LimitedSignIn index,
      JsonCodec codec,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver answers) {
    Refusals refusals = new Refusals(answers, codec);
    return AccessFilters.stateless(http.securityMatcher("/api/**"))
        .authenticationManager(new ProviderManager(new ApiSignIn(index)))
        .httpBasic(basic -> basic.authenticationEntryPoint(refusals))
        .exceptionHandling(
            handling -> handling.authenticationEntryPoint(refusals).accessDeniedHandler(refusals))
        .authorizeHttpRequests(
            requests ->
                requests
                    .requestMatchers(HttpMethod.PUT, "/api/users/{name}/password")
                    .access(
                        (who, request) ->
                            new AuthorizationDecision(
                                isUser(who.get())
                                    || isCalled(
                                        who.get(),
                                        request.getVariables().getOrDefault("name", ""))))
                    .anyRequest()
                    .hasAuthority(String.valueOf(ApiSignIn.USER.getAuthority())))
        .build();
  }

  private static boolean isUser(Authentication who) {
    return who.getAuthorities().contains(ApiSignIn.USER);
  }

  private static boolean isCalled(Authentication who, String name) {
    return who.getPrincipal() instanceof Caller.Account account && account.name().equals(name);
  }

  @Override
  public void addInterceptors(InterceptorRegistry interceptors) {
    interceptors.addInterceptor(new AuditedChanges(audit)).addPathPatterns("/api/**");
  }
}
