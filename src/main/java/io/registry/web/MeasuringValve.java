package io.registry.web;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.AccessLog;
import org.apache.catalina.Globals;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Measures every request that the server answers, also those that no filter and no controller gets
 * to see. An access log in Tomcat's sense, because these are told of each request, and after its
 * end.
 */
final class MeasuringValve extends ValveBase implements AccessLog {
  /** For requests that are no HTTP, or have a path that is none. */
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

  // Whoever refused it, and however it was answered, a request belongs to the route that it asked
  // for. An answer by way of the error page has taken the place of what was matched.
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

  // What the operating system sends of a file, which begins when this request is done with.
  private static long sentAfterwards(Request request) {
    return request.getAttribute(Globals.SENDFILE_FILE_START_ATTR) instanceof Long start
            && request.getAttribute(Globals.SENDFILE_FILE_END_ATTR) instanceof Long end
        ? end - start
        : 0;
  }

  // Attributes of others are not wanted.
  @Override
  public void setRequestAttributesEnabled(boolean enabled) {}

  @Override
  public boolean getRequestAttributesEnabled() {
    return false;
  }
}
