package io.registry.web.access;

import io.registry.web.http.KnownPath;
import io.registry.web.http.Protocols;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.web.firewall.FirewalledRequest;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;

/**
 * Refuses suspicious paths, unless their protocol brings every path into one spelling before it is
 * used for a decision. Spring Security's own firewall would refuse repository names of V1 with
 * encoded slashes, and two slashes in a row (protocol 2.0).
 */
final class PathFirewall implements HttpFirewall {
  private final HttpFirewall strict = new StrictHttpFirewall();
  private final Protocols protocols;

  PathFirewall(Protocols protocols) {
    this.protocols = protocols;
  }

  @Override
  public FirewalledRequest getFirewalledRequest(HttpServletRequest request) {
    if (!protocols.of(request.getRequestURI()).acceptsAnyPath()) {
      strict.getFirewalledRequest(new Sent(request));
    }
    return new FirewalledRequest(request) {
      @Override
      public void reset() {
        // Nothing was changed.
      }
    };
  }

  @Override
  public HttpServletResponse getFirewalledResponse(HttpServletResponse response) {
    return response;
  }

  /** A request with the path that the client sent. */
  private static final class Sent extends HttpServletRequestWrapper {
    Sent(HttpServletRequest request) {
      super(request);
    }

    @Override
    public String getRequestURI() {
      return KnownPath.sent(this);
    }
  }
}
