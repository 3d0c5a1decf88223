package io.registry.web.http;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.servlet.mvc.condition.PathPatternsRequestCondition;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Finds the controller of a request. Of each route, Spring compares the path last, after the method
 * and the media types; this mapping compares it first, because only a few routes have that path.
 */
final class RouteMapping extends RequestMappingHandlerMapping {
  /** Before Spring's mapping of the endpoints for operators, which compares each of its routes. */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  protected @Nullable RequestMappingInfo getMatchingMapping(
      RequestMappingInfo route, HttpServletRequest request) {
    PathPatternsRequestCondition patterns = route.getPathPatternsCondition();
    if (patterns != null) {
      PathContainer path =
          ServletRequestPathUtils.getParsedRequestPath(request).pathWithinApplication();
      if (!matches(patterns, path)) {
        return null;
      }
    }
    return super.getMatchingMapping(route, request);
  }

  private static boolean matches(PathPatternsRequestCondition patterns, PathContainer path) {
    for (PathPattern pattern : patterns.getPatterns()) {
      if (pattern.matches(path)) {
        return true;
      }
    }
    return false;
  }
}
