package io.registry.web.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;

/**
 * What the server has to know of a protocol for the requests that no controller sees, or not yet.
 * Each protocol is one bean; {@link Protocols} chooses by the path.
 */
public interface Protocol {

  /**
   * Whether a path belongs to the protocol.
   *
   * @param path percent-encoded, as the client sent it or in its one spelling
   */
  boolean owns(String path);

  /**
   * The one spelling of a path, which filters and controllers see.
   *
   * @param sent the path as the client sent it, percent-encoded
   * @return the path that controllers are mapped to, percent-encoded
   * @throws IllegalArgumentException when it is not percent-encoded UTF-8
   */
  default String normalise(String sent) {
    return sent;
  }

  /**
   * Whether {@link #normalise} makes every path safe. When not, Spring Security refuses paths with
   * encoded slashes, empty segments and the like, as the client sent them.
   */
  default boolean acceptsAnyPath() {
    return false;
  }

  /**
   * The kind of a request, which is bounded with others of that kind.
   *
   * @param path the path in its one spelling
   * @return nothing when the request is not bounded
   */
  Optional<WorkKind> kind(String method, String path);

  /** Patterns of the paths at which requests may change images and repositories. */
  List<String> storePaths();

  /** The routes on which layers and other blobs move, for the meters. */
  Set<String> blobRoutes();

  /**
   * Whether a request asks if something exists, as a client does for each image or blob before it
   * sends it: then a 404 is no mistake.
   */
  boolean isExistenceTest(HttpServletRequest request);

  /**
   * The push that a request begins or ends.
   *
   * @param repository the repository, or its path
   * @param last whether it is the last request of the push
   */
  record PushStep(String repository, boolean last) {}

  /**
   * The step of a push that a request is.
   *
   * @param path the path in its one spelling
   * @return empty for a request in the middle of a push, and for all others
   */
  Optional<PushStep> pushStep(String method, String path);

  /** Gives the protocol's form to what went wrong with a request. */
  ResponseEntity<byte[]> answer(RequestFailure failure, HttpServletRequest request);

  /** The body of an answer to a request that the server refuses before any filter sees it. */
  byte[] errorBody(HttpStatusCode status, String text);
}
