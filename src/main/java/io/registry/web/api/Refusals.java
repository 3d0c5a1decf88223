package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.index.Robot;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.DisabledException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Answers requests that Spring Security refuses. */
final class Refusals implements AuthenticationEntryPoint, AccessDeniedHandler {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);
  private static final String CHALLENGE = "Basic realm=\"registry\", charset=\"UTF-8\"";

  private final HandlerExceptionResolver answers;
  private final JsonCodec codec;

  Refusals(HandlerExceptionResolver answers, JsonCodec codec) {
    this.answers = answers;
    this.codec = codec;
  }

  @Override
  public void commence(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
      throws IOException {
    if (failure.getCause() instanceof RegistryException undecided) {
      answer(request, response, undecided);
    } else if (failure instanceof DisabledException) {
      answer(request, response, new RegistryException(Problem.FORBIDDEN, "Account is not active"));
    } else {
      challenge(request, response);
    }
  }

  private void challenge(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    log.info("{} {} -> 401", request.getMethod(), request.getRequestURI());
    byte[] body = codec.render(Map.of("error", "Requires authorization"));
    response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
    response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  @Override
  public void handle(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException failure) {
    Authentication who = SecurityContextHolder.getContext().getAuthentication();
    String text =
        who != null && who.getPrincipal() instanceof Caller.Account account
            ? text(account)
            : "Access denied";
    answer(request, response, new RegistryException(Problem.FORBIDDEN, text));
  }

  private static String text(Caller.Account account) {
    return Robot.isLogin(account.name())
        ? "Robots may not use this API"
        : "Choose a password first: PUT /api/users/" + account.name() + "/password";
  }

  private void answer(
      HttpServletRequest request, HttpServletResponse response, RegistryException refusal) {
    if (answers.resolveException(request, response, null, refusal) == null) {
      throw refusal;
    }
  }
}
