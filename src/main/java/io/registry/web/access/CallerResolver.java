package io.registry.web.access;

import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Caller;
import io.registry.platform.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;

/** Authenticates requests. */
@FunctionalInterface
public interface CallerResolver {

  /**
   * Determines the caller of a request.
   *
   * @param request the request
   * @param target the target of the request
   * @return the caller that its credentials identify
   * @throws RegistryException {@code UNAUTHENTICATED} when they are not valid, or not for this
   *     target; {@code UNAVAILABLE} when they cannot be checked; {@code TOO_MANY} after too many
   *     failed attempts
   */
  Caller of(HttpServletRequest request, AccessRequest target);
}
