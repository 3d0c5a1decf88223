package io.registry.web;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.http.server.PathContainer;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/** The templates of the paths that the server knows. */
final class Routes {
  /** For all paths that it does not know. */
  static final String UNMATCHED = "unmatched";

  private final Supplier<List<PathPattern>> patterns;

  /**
   * Routes.
   *
   * @param mappings know them, as soon as all controllers are there
   */
  Routes(Supplier<Stream<RequestMappingInfoHandlerMapping>> mappings) {
    this.patterns = SingletonSupplier.of(() -> patterns(mappings.get()));
  }

  /**
   * The route of a path, whoever answers there.
   *
   * @param path percent-encoded
   */
  String of(String path) {
    PathContainer parsed = PathContainer.parsePath(path);
    for (PathPattern pattern : patterns.get()) {
      if (pattern.matches(parsed)) {
        return pattern.getPatternString();
      }
    }
    return UNMATCHED;
  }

  private static List<PathPattern> patterns(Stream<RequestMappingInfoHandlerMapping> mappings) {
    return mappings
        .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
        .map(RequestMappingInfo::getPathPatternsCondition)
        .flatMap(paths -> paths == null ? Stream.of() : paths.getPatterns().stream())
        .distinct()
        .sorted()
        .toList();
  }
}
