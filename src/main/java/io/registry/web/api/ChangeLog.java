package io.registry.web.api;

import io.registry.auth.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.servlet.HandlerInterceptor;

/** Writes down who changed what: names only, which the path holds, and no bodies. */
final class ChangeLog implements HandlerInterceptor {
  private static final Logger log = LoggerFactory.getLogger(ChangeLog.class);

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    Authentication who = SecurityContextHolder.getContext().getAuthentication();
    if (!request.getMethod().equals("GET")
        && !request.getMethod().equals("HEAD")
        && who != null
        && who.getPrincipal() instanceof Caller.Account account) {
      log.info(
          "{} from {}: {} {} -> {}",
          account.name(),
          request.getRemoteAddr(),
          request.getMethod(),
          request.getRequestURI(),
          response.getStatus());
    }
  }
}
