package io.registry.web;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.mvc.condition.PathPatternsRequestCondition;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Finds the controller of a request. Spring compares each of the routes with each request; this
 * mapping spares it those whose words differ from the path's.
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
      String path =
          ServletRequestPathUtils.getParsedRequestPath(request).pathWithinApplication().value();
      if (!mayMatch(patterns, path)) {
        return null;
      }
    }
    return super.getMatchingMapping(route, request);
  }

  private static boolean mayMatch(PathPatternsRequestCondition patterns, String path) {
    for (PathPattern pattern : patterns.getPatterns()) {
      if (mayMatch(pattern.getPatternString(), path)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a pattern may match a path. It is false only when no spelling of the path can match.
   *
   * @param pattern of a route, for example {@code /v1/images/{id}/json}
   * @param path percent-encoded, with path parameters
   */
  static boolean mayMatch(String pattern, String path) {
    int at = 0;
    for (int i = 0; i < pattern.length(); i++) {
      char expected = pattern.charAt(i);
      if (expected == '{') {
        i = endOfVariable(pattern, i);
        if (i < 0) {
          return true;
        }
        at = endOfSegment(path, at);
      } else if (expected == '*' || expected == '?') {
        return true;
      } else if (at == path.length()) {
        // The pattern "/a/**" matches "/a".
        return pattern.indexOf('*', i) >= 0;
      } else if (path.charAt(at) != expected) {
        return isSpelling(path.charAt(at));
      } else {
        at++;
      }
    }
    return at == path.length() || isSpelling(path.charAt(at));
  }

  /** Whether a character begins an encoded character or a path parameter. */
  private static boolean isSpelling(char found) {
    return found == '%' || found == ';';
  }

  /** The end of a variable that stands for one whole segment; -1 for any other. */
  private static int endOfVariable(String pattern, int begin) {
    int end = pattern.indexOf('}', begin);
    boolean whole = end + 1 == pattern.length() || pattern.startsWith("/", end + 1);
    boolean plain = pattern.charAt(begin - 1) == '/' && pattern.charAt(begin + 1) != '*';
    return whole && plain && pattern.substring(begin, end).indexOf(':') < 0 ? end : -1;
  }

  private static int endOfSegment(String path, int begin) {
    int end = path.indexOf('/', begin);
    return end < 0 ? path.length() : end;
  }
}
