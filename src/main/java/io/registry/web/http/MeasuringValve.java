package io.registry.web.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.AccessLog;
import org.apache.catalina.Globals;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Measures every request, including those that never reach a filter or controller. It implements
 * Tomcat's access log interface, because Tomcat calls access logs for every request after its end.
 */
final class MeasuringValve extends ValveBase implements AccessLog {
  /** The route of requests that are not valid HTTP or have an invalid path. */
  private static final String MALFORMED = "malformed";

  private static final String ERRORS = "/error";
  private static final int BAD_REQUEST = 400;

  private final RequestMeters meters;
  private final Routes routes;

  MeasuringValve(RequestMeters meters, Routes routes) {
    super(true);
    this.meters = meters;
    this.routes = routes;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    meters.begun();
    try {
      getNext().invoke(request, response);
    } finally {
      meters.ended();
    }
  }

  @Override
  public void log(Request request, Response response, long nanos) {
    String route = route(request, response.getStatus());
    meters.answered(String.valueOf(request.getMethod()), route, response.getStatus(), nanos);
    meters.moved(
        route,
        request.getCoyoteRequest().getBytesRead(),
        response.getBytesWritten(false) + sentAfterwards(request));
  }

  // A request counts for the route that it asked for, whichever component refused it. When the
  // error page has answered, the matched pattern is that of the error page, and the route is found
  // by the path.
  private String route(Request request, int status) {
    if (request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)
            instanceof String matched
        && !matched.equals(ERRORS)) {
      return matched;
    }
    return KnownPath.of(request).map(routes::of).orElseGet(() -> unknown(request, status));
  }

  private String unknown(Request request, int status) {
    String sent = request.getRequestURI();
    return sent == null || status == BAD_REQUEST ? MALFORMED : routes.of(sent);
  }

  // Bytes of a file that the operating system sends after this method (sendfile).
  private static long sentAfterwards(Request request) {
    return request.getAttribute(Globals.SENDFILE_FILE_START_ATTR) instanceof Long start
            && request.getAttribute(Globals.SENDFILE_FILE_END_ATTR) instanceof Long end
        ? end - start
        : 0;
  }

  // Other components' request attributes are not used.
  @Override
  public void setRequestAttributesEnabled(boolean enabled) {}

  @Override
  public boolean getRequestAttributesEnabled() {
    return false;
  }
}
