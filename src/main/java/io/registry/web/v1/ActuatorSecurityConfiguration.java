package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Audit;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Configures the security of the operators' endpoints on the port of the clients, in modes with
 * access control: only admins and privileged keys may read them; health is public. Access to a
 * separate port for operators is left to the network.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnIndexMode({IndexMode.REMOTE, IndexMode.EMBEDDED})
@ConditionalOnManagementPort(ManagementPortType.SAME)
class ActuatorSecurityConfiguration {

  @Bean
  @Order(0)
  SecurityFilterChain actuatorSecurityFilterChain(
      HttpSecurity http,
      CallerResolver callerResolver,
      AccessPolicy policy,
      Audit audit,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    AccessFilter filter =
        new AccessFilter(
            callerResolver,
            policy,
            audit,
            refusals,
            (method, path) -> Optional.of(new V1Target.OfUpkeep(method, path)));
    return http.securityMatcher(EndpointRequest.toAnyEndpoint().excluding(HealthEndpoint.class))
        .csrf(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .servletApi(AbstractHttpConfigurer::disable)
        .anonymous(AbstractHttpConfigurer::disable)
        .exceptionHandling(AbstractHttpConfigurer::disable)
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .headers(headers -> headers.cacheControl(HeadersConfigurer.CacheControlConfig::disable))
        .addFilterAfter(filter, HeaderWriterFilter.class)
        .build();
  }
}
