package io.registry.web.v1;

import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Action;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.RegistryException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.web.util.UriUtils;

/** Tells from a V1 path what a request is about. */
final class V1Target {
  /** What concerns no repository in particular. */
  private static final Set<String> UPKEEP = Set.of("/api/trash", "/api/retention", "/api/pins");

  private static final String PINS = "/api/pins/";

  private V1Target() {}

  /** The same for what there is only when repositories can be searched. */
  static Optional<AccessRequest> ofSearch(String method, String path) {
    if (method.equals("OPTIONS")) {
      return Optional.empty();
    }
    if (path.equals("/v1/search")) {
      return Optional.of(new AccessRequest.OfSearch());
    }
    Optional<AccessRequest> repository = ofRepository(method, path);
    return repository.isEmpty() && path.startsWith("/api/")
        ? Optional.of(new AccessRequest.OfUpkeep(method, path))
        : repository;
  }

  /** The same for what there is also without search. */
  static Optional<AccessRequest> ofApi(String method, String path) {
    boolean isUpkeep =
        (UPKEEP.contains(path) || path.startsWith(PINS)) && !method.equals("OPTIONS");
    return ofRepository(method, path)
        .or(
            () ->
                isUpkeep
                    ? Optional.of(new AccessRequest.OfUpkeep(method, path))
                    : Optional.empty());
  }

  /**
   * The target of a request to the API for a repository.
   *
   * @param method the method
   * @param path the normalized path, percent-encoded
   * @return the target; empty for another request, or one that needs no authorization
   * @throws RegistryException when the path contains an invalid repository name
   */
  static Optional<AccessRequest> ofRepository(String method, String path) {
    List<String> parts = List.of(path.split("/", -1));
    boolean isOfRepository =
        path.startsWith("/api/repositories/") || path.startsWith("/api/trash/");
    if (method.equals("OPTIONS") || !isOfRepository || parts.size() <= 4) {
      return Optional.empty();
    }
    RepositoryName repository = new RepositoryName(decode(parts.get(3)), decode(parts.get(4)));
    return Optional.of(
        new AccessRequest.OfRepository(
            repository, isReading(method) ? Action.READ : Action.ADMINISTER));
  }

  /**
   * The target of a request.
   *
   * @param method the method
   * @param path the normalized path, percent-encoded
   * @return the target; empty when the request needs no authorization
   * @throws RegistryException when the path contains an invalid repository name
   */
  static Optional<AccessRequest> of(String method, String path) {
    if (method.equals("OPTIONS")) {
      return Optional.empty();
    }
    List<String> parts = List.of(path.split("/", -1));
    if (path.startsWith("/v1/repositories/") && parts.size() > 4) {
      RepositoryName repository = new RepositoryName(decode(parts.get(3)), decode(parts.get(4)));
      return Optional.of(
          new AccessRequest.OfRepository(
              repository, action(method, parts.subList(5, parts.size()))));
    }
    if (path.startsWith("/v1/images/")) {
      return ImageId.find(parts.get(3))
          .map(
              image ->
                  new AccessRequest.OfImage(image, isReading(method) ? Action.READ : Action.WRITE));
    }
    return Optional.empty();
  }

  /** Whether what a controller is about to do was decided on. */
  static boolean isDecided(Optional<AccessRequest> decided, Map<?, ?> variables) {
    Object namespace = variables.get("namespace");
    if (namespace != null) {
      return decided.orElse(null) instanceof AccessRequest.OfRepository repository
          && repository
              .repository()
              .equals(
                  new RepositoryName(namespace.toString(), String.valueOf(variables.get("name"))));
    }
    if (!variables.containsKey("id")) {
      return true;
    }
    String id = String.valueOf(variables.get("id"));
    return decided.orElse(null) instanceof AccessRequest.OfImage image
        ? image.image().value().equals(id)
        // The controller refuses text that is not an id.
        : ImageId.find(id).isEmpty();
  }

  private static Action action(String method, List<String> rest) {
    if (isReading(method)) {
      return Action.READ;
    }
    if (method.equals("DELETE")) {
      boolean tag = rest.size() > 1 && rest.get(0).equals("tags");
      return tag ? Action.DELETE_TAG : Action.DELETE_REPOSITORY;
    }
    return rest.equals(List.of("properties")) ? Action.ADMINISTER : Action.WRITE;
  }

  private static boolean isReading(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }

  private static String decode(String segment) {
    return UriUtils.decode(segment, StandardCharsets.UTF_8);
  }
}
