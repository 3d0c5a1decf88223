package io.registry.web.api;

import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.servlet.HandlerInterceptor;

/** Records changes through the API in the audit, by their paths, which contain names only. */
final class AuditedChanges implements HandlerInterceptor {
  private static final Set<String> READING = Set.of("GET", "HEAD");

  private final Audit audit;

  AuditedChanges(Audit audit) {
    this.audit = audit;
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    Authentication who = SecurityContextHolder.getContext().getAuthentication();
    if (!READING.contains(request.getMethod())
        && who != null
        && who.getPrincipal() instanceof Caller.Account account) {
      audit.administered(
          AuditActor.of(account, request.getRemoteAddr()),
          request.getMethod(),
          request.getRequestURI(),
          response.getStatus());
    }
  }
}
