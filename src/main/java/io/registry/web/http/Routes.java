package io.registry.web.http;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.http.server.PathContainer;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/** Maps paths to the path templates of the controllers, for metrics. */
final class Routes {
  /** The route of all paths without a controller. */
  static final String UNMATCHED = "unmatched";

  private final Supplier<List<PathPattern>> patterns;

  /**
   * Creates the routes.
   *
   * @param mappings supplies the handler mappings, once all controllers are registered
   */
  Routes(Supplier<Stream<RequestMappingInfoHandlerMapping>> mappings) {
    this.patterns = SingletonSupplier.of(() -> patterns(mappings.get()));
  }

  /**
   * The route of a path, for any method.
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
