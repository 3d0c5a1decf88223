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
 * Makes sure that what a controller is about to do is what {@link AccessFilter} has decided on, so
 * that no way of writing a path means one thing to the filter and another one to the router.
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
        // What is no id is refused by whoever reads it.
        : ImageId.find(id).isEmpty();
  }
}
