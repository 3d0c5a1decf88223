package io.registry.web.v1;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.web.firewall.FirewalledRequest;
import org.springframework.security.web.firewall.HttpFirewall;

/**
 * Lets every path through to {@link V1PathFilter}, which brings it into its one spelling before
 * anybody decides by it. Spring Security's own would refuse names with encoded slashes, and two
 * slashes in a row (protocol 2.0).
 */
final class V1Firewall implements HttpFirewall {

  @Override
  public FirewalledRequest getFirewalledRequest(HttpServletRequest request) {
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
}
