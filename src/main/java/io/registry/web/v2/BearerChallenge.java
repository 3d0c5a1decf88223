package io.registry.web.v2;

import io.registry.access.auth.Action;
import io.registry.access.auth.ExternalTokenProperties;
import io.registry.platform.problem.RegistryException;
import io.registry.web.http.Endpoints;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/** Names the place where clients get tokens, and the scope that a request needs. */
@Component
@ConditionalOnV2
final class BearerChallenge {
  private static final String SERVICE = "registry";

  private final Endpoints endpoints;
  private final ExternalTokenProperties elsewhere;

  BearerChallenge(Endpoints endpoints, ExternalTokenProperties elsewhere) {
    this.endpoints = endpoints;
    this.elsewhere = elsewhere;
  }

  /** The value of {@code WWW-Authenticate} for a request that needs credentials. */
  String of(HttpServletRequest request) {
    if (elsewhere.isOn()) {
      return challenge(elsewhere.realm(), elsewhere.service(), request);
    }
    String host;
    try {
      host = endpoints.of(request).replaceFirst(",.*", "");
    } catch (RegistryException e) {
      // A client that is misled by a name must not send its password elsewhere.
      return "Basic realm=\"" + SERVICE + "\"";
    }
    String scheme = request.isSecure() ? "https" : "http";
    return challenge(scheme + "://" + host + V2AccessRequests.TOKEN, SERVICE, request);
  }

  private static String challenge(String realm, String service, HttpServletRequest request) {
    String scope = scope(request);
    return "Bearer realm=\"%s\",service=\"%s\"%s"
        .formatted(realm, service, scope.isEmpty() ? "" : ",scope=\"" + scope + '"');
  }

  private static String scope(HttpServletRequest request) {
    String path = request.getRequestURI();
    if (path.equals(V2AccessRequests.CATALOG)) {
      return "registry:catalog:*";
    }
    String rest = path.startsWith(V2Path.BASE) ? path.substring(V2Path.BASE.length()) : "";
    int end = rest.indexOf('/');
    return end <= 0
        ? ""
        : "repository:%s:%s"
            .formatted(
                UriUtils.decode(rest.substring(0, end), StandardCharsets.UTF_8),
                actions(V2AccessRequests.action(request.getMethod(), rest.substring(end))));
  }

  private static String actions(Action needed) {
    return switch (needed.access()) {
      case READ -> "pull";
      case WRITE -> "pull,push";
      case DELETE -> "pull,push,delete";
    };
  }
}
