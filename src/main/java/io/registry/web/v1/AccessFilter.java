package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Audit;
import io.registry.auth.AuditActor;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.web.AccessLog;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Authenticates and authorizes each request (protocol 4.2). Controllers get the caller as their
 * {@code @AuthenticationPrincipal}.
 */
final class AccessFilter extends OncePerRequestFilter {
  /** The request attribute with the target that was authorized. */
  static final String DECIDED = AccessFilter.class.getName() + ".DECIDED";

  private final CallerResolver callerResolver;
  private final AccessPolicy policy;
  private final Audit audit;
  private final HandlerExceptionResolver refusals;
  private final Targets targets;

  /** Determines the target of a request, if access to it must be authorized. */
  @FunctionalInterface
  interface Targets {

    /**
     * The target, by method and path.
     *
     * @param path percent-encoded
     */
    Optional<V1Target> of(String method, String path);
  }

  /**
   * Creates a filter.
   *
   * @param callerResolver authenticates requests
   * @param policy authorizes them
   * @param audit records refusals
   * @param refusals writes the answer to a refused request
   * @param targets determines the target of a request
   */
  AccessFilter(
      CallerResolver callerResolver,
      AccessPolicy policy,
      Audit audit,
      HandlerExceptionResolver refusals,
      Targets targets) {
    this.targets = targets;
    this.audit = audit;
    this.callerResolver = callerResolver;
    this.policy = policy;
    this.refusals = refusals;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      Optional<V1Target> target = targets.of(request.getMethod(), request.getRequestURI());
      if (target.isPresent()) {
        Caller caller = callerResolver.of(request, target.get());
        AuditActor actor = AuditActor.of(caller, request.getRemoteAddr());
        request.setAttribute(AccessLog.CALLER, actor.who());
        Decision decision = target.get().decide(policy, caller);
        if (decision != Decision.ALLOWED) {
          target.get().record(audit, actor, decision);
        }
        require(decision, target.get());
        request.setAttribute(DECIDED, target.get());
        SecurityContextHolder.getContext().setAuthentication(new CallerAuthentication(caller));
      }
    } catch (RuntimeException e) {
      if (refusals.resolveException(request, response, null, e) == null) {
        throw e;
      }
      return;
    }
    chain.doFilter(request, response);
  }

  /** The answer to missing or invalid credentials, in the words of the original. */
  static RegistryException unauthenticated() {
    return new RegistryException(Problem.UNAUTHENTICATED, "Requires authorization");
  }

  private static void require(Decision decision, V1Target target) {
    switch (decision) {
      case ALLOWED -> {}
      case UNAUTHENTICATED -> throw unauthenticated();
      case FORBIDDEN -> throw new RegistryException(Problem.FORBIDDEN, "Access denied");
      case HIDDEN ->
          throw new RegistryException(
              Problem.NOT_FOUND,
              target instanceof V1Target.OfImage ? "Image not found" : "Repository not found");
      case FOREIGN ->
          throw new RegistryException(
              Problem.INVALID, "This image does not belong to the repository");
    }
  }
}
