package io.registry.web.access;

import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import java.util.Optional;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * The filters before what the registry tells operators, where not everybody may do everything and
 * clients can reach it: admins and privileged keys only. Whether the registry is well is told to
 * anybody. On a port of its own it is for the network to say who reaches it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnIndexMode({IndexMode.REMOTE, IndexMode.EMBEDDED})
@ConditionalOnManagementPort(ManagementPortType.SAME)
class ActuatorSecurityConfiguration {

  @Bean
  @Order(0)
  SecurityFilterChain actuatorSecurityFilterChain(
      HttpSecurity http,
      AccessFilters filters,
      CallerResolver callerResolver,
      WebEndpointProperties endpoints) {
    // Spring Boot's matcher knows the list of all endpoints for GET only, but its controller
    // answers HEAD, too.
    RequestMatcher list = PathPatternRequestMatcher.withDefaults().matcher(endpoints.getBasePath());
    return filters.chain(
        http.securityMatcher(
            new OrRequestMatcher(
                EndpointRequest.toAnyEndpoint().excluding(HealthEndpoint.class), list)),
        (method, path) -> Optional.of(new AccessRequest.OfUpkeep(method, path)),
        callerResolver);
  }
}
