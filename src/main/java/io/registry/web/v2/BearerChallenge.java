package io.registry.web.v2;

import io.registry.problem.RegistryException;
import io.registry.web.Endpoints;
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

  BearerChallenge(Endpoints endpoints) {
    this.endpoints = endpoints;
  }

  /** The value of {@code WWW-Authenticate} for a request that needs credentials. */
  String of(HttpServletRequest request) {
    String host;
    try {
      host = endpoints.of(request).replaceFirst(",.*", "");
    } catch (RegistryException e) {
      // A client that is misled by a name must not send its password elsewhere.
      return "Basic realm=\"" + SERVICE + "\"";
    }
    String scheme = request.isSecure() ? "https" : "http";
    String scope = scope(request.getRequestURI());
    return "Bearer realm=\"%s://%s%s\",service=\"%s\"%s"
        .formatted(
            scheme,
            host,
            V2AccessRequests.TOKEN,
            SERVICE,
            scope.isEmpty() ? "" : ",scope=\"" + scope + '"');
  }

  private static String scope(String path) {
    if (path.equals(V2AccessRequests.CATALOG)) {
      return "registry:catalog:*";
    }
    String rest = path.startsWith(V2Path.BASE) ? path.substring(V2Path.BASE.length()) : "";
    int end = rest.indexOf('/');
    return end <= 0
        ? ""
        : "repository:%s:pull"
            .formatted(UriUtils.decode(rest.substring(0, end), StandardCharsets.UTF_8));
  }
}
