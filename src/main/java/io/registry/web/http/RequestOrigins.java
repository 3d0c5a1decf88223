package io.registry.web.http;

import io.registry.access.auth.Caller;
import io.registry.features.events.ConditionalOnEvents;
import io.registry.features.events.EventOrigin;
import io.registry.features.events.EventOrigins;
import io.registry.platform.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Describes the request that the current thread handles, for events. */
@Component
@ConditionalOnEvents
final class RequestOrigins implements EventOrigins {
  private final Endpoints endpoints;

  RequestOrigins(Endpoints endpoints) {
    this.endpoints = endpoints;
  }

  @Override
  public Optional<EventOrigin> current() {
    return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes current
        ? Optional.of(origin(current.getRequest()))
        : Optional.empty();
  }

  private EventOrigin origin(HttpServletRequest request) {
    return new EventOrigin(
        id(request),
        request.getRemoteAddr(),
        header(request, HttpHeaders.HOST),
        request.getMethod(),
        header(request, HttpHeaders.USER_AGENT),
        actor(),
        (request.isSecure() ? "https://" : "http://") + host(request),
        own(request));
  }

  private static String id(HttpServletRequest request) {
    return request.getAttribute(RequestIdValve.NAME) instanceof String id ? id : "";
  }

  // A client must not be able to direct the receiver of an event to a host of its choice.
  private String host(HttpServletRequest request) {
    try {
      return endpoints.of(request).replaceFirst(",.*", "");
    } catch (RegistryException e) {
      return own(request);
    }
  }

  private static String own(HttpServletRequest request) {
    String ip = request.getLocalAddr();
    return (ip.indexOf(':') < 0 ? ip : "[" + ip + "]") + ":" + request.getLocalPort();
  }

  private static String header(HttpServletRequest request, String name) {
    String value = request.getHeader(name);
    return value == null ? "" : value;
  }

  private static String actor() {
    Authentication who = SecurityContextHolder.getContext().getAuthentication();
    Object caller = who == null ? "" : who.getPrincipal();
    if (caller instanceof Caller.Account account) {
      return account.name();
    }
    if (caller instanceof Caller.Bearer bearer) {
      return bearer.grant().user();
    }
    return caller instanceof Caller.Privileged privileged ? "key:" + privileged.key() : "";
  }
}
