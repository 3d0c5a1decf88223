package io.registry.web.access;

import io.registry.access.auth.AccessRequest;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Optional;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Makes sure that what a controller is about to do is what {@link AccessFilter} has decided on, so
 * that no way of writing a path means one thing to the filter and another one to the router.
 */
public final class AuthorizationGuard implements HandlerInterceptor {
  private final Check check;

  /** Compares what a protocol's controller is about to do with what was decided on. */
  @FunctionalInterface
  public interface Check {

    /**
     * Whether that is the same.
     *
     * @param decided the request for access that was granted; nothing when none was needed
     * @param variables what the router read from the path
     */
    boolean isDecided(Optional<AccessRequest> decided, Map<?, ?> variables);
  }

  /**
   * A guard.
   *
   * @param check knows the routes of the protocol
   */
  public AuthorizationGuard(Check check) {
    this.check = check;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    Object variables = request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE);
    if (variables instanceof Map<?, ?> map
        && !check.isDecided(AccessFilter.decided(request), map)) {
      throw new RegistryException(Problem.NOT_FOUND, "Not Found");
    }
    return true;
  }
}
