package io.registry.web.access;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.web.http.AccessLog;
import io.registry.web.http.Place;
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
public final class AccessFilter extends OncePerRequestFilter {
  private static final String DECIDED = AccessFilter.class.getName() + ".DECIDED";

  private final CallerResolver callerResolver;
  private final AccessPolicy policy;
  private final Audit audit;
  private final HandlerExceptionResolver refusals;
  private final AccessRequests targets;

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
      AccessRequests targets) {
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
      Optional<AccessRequest> target = targets.of(request.getMethod(), request.getRequestURI());
      if (target.isPresent()) {
        Caller caller = callerResolver.of(request, target.get());
        AuditActor actor = AuditActor.of(caller, request.getRemoteAddr());
        request.setAttribute(AccessLog.CALLER, actor.who());
        account(caller)
            .ifPresent(name -> Place.of(request).ifPresent(place -> place.countTo(name)));
        Decision decision = targets.decide(target.get(), policy, caller);
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

  // The same account with its password and with tokens is one client. A remote index does not say
  // whose token it is, and who holds a privileged key is trusted.
  private static Optional<String> account(Caller caller) {
    if (caller instanceof Caller.Account account) {
      return Optional.of(account.name());
    }
    return caller instanceof Caller.Bearer bearer && !bearer.grant().user().isEmpty()
        ? Optional.of(bearer.grant().user())
        : Optional.empty();
  }

  /** The request for access that was granted; nothing when none was needed. */
  static Optional<AccessRequest> decided(HttpServletRequest request) {
    return request.getAttribute(DECIDED) instanceof AccessRequest decided
        ? Optional.of(decided)
        : Optional.empty();
  }

  /** The refusal of who shows no credentials, or none that hold, in the words of the original. */
  public static RegistryException unauthenticated() {
    return new RegistryException(Problem.UNAUTHENTICATED, "Requires authorization");
  }

  private static void require(Decision decision, AccessRequest target) {
    switch (decision) {
      case ALLOWED -> {}
      case UNAUTHENTICATED -> throw unauthenticated();
      case FORBIDDEN -> throw new RegistryException(Problem.FORBIDDEN, "Access denied");
      case HIDDEN ->
          throw target instanceof AccessRequest.OfImage
              ? new RegistryException(Problem.NOT_FOUND, Subject.IMAGE, "Image not found")
              : new RegistryException(
                  Problem.NOT_FOUND, Subject.REPOSITORY, "Repository not found");
      case FOREIGN ->
          throw new RegistryException(
              Problem.INVALID, "This image does not belong to the repository");
    }
  }
}
