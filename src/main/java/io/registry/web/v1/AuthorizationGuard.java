package io.registry.web.v1;

import io.registry.image.ImageId;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Checks that the object a controller is about to use is the one that {@link AccessFilter} has
 * authorized, so that no spelling of a path means one object to the filter and another one to the
 * router.
 */
final class AuthorizationGuard implements HandlerInterceptor {

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    Object variables = request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE);
    if (variables instanceof Map<?, ?> map
        && (map.containsKey("namespace") || map.containsKey("id"))
        && !isDecided(request.getAttribute(AccessFilter.DECIDED), map)) {
      throw new RegistryException(Problem.NOT_FOUND, "Not Found");
    }
    return true;
  }

  private static boolean isDecided(Object target, Map<?, ?> variables) {
    Object namespace = variables.get("namespace");
    if (namespace != null) {
      return target instanceof V1Target.OfRepository repository
          && repository
              .repository()
              .equals(
                  new RepositoryName(namespace.toString(), String.valueOf(variables.get("name"))));
    }
    String id = String.valueOf(variables.get("id"));
    return target instanceof V1Target.OfImage image
        ? image.image().value().equals(id)
        // An invalid id is refused when it is parsed.
        : ImageId.find(id).isEmpty();
  }
}
