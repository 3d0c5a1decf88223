package io.registry.web.access;

import io.registry.auth.AccessRequest;
import io.registry.auth.Caller;
import io.registry.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;

/** Finds out who sends a request. */
@FunctionalInterface
public interface CallerResolver {

  /**
   * Who sends a request.
   *
   * @param request the request
   * @param target what it is about
   * @return whoever its credentials name
   * @throws RegistryException {@code UNAUTHENTICATED} when they do not hold, or not for that;
   *     {@code UNAVAILABLE} when that cannot be found out; {@code TOO_MANY} after too many wrong
   *     ones
   */
  Caller of(HttpServletRequest request, AccessRequest target);
}
