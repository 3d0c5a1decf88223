package io.registry.web.access;

import io.registry.access.auth.Caller;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.access.auth.SignInLimits;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RetryLaterException;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;

/** Limits how often an address may log in and request tokens, in modes with an index. */
@Component
public class RequestLimits {
  private final SignInLimits limits;
  private final boolean bounded;

  RequestLimits(SignInLimits limits, IndexProperties index) {
    this.limits = limits;
    this.bounded = index.mode() != IndexMode.STANDALONE;
  }

  /**
   * Counts a request, unless its caller is exempt: a request with a token gets no other token, and
   * a remote registry sends the tokens of all its clients from one address.
   *
   * @throws RetryLaterException when there were too many from its address
   */
  public void count(HttpServletRequest request, Caller caller) {
    if (!(caller instanceof Caller.Bearer)) {
      count(request);
    }
  }

  /**
   * Counts a request.
   *
   * @throws RetryLaterException when there were too many from its address
   */
  public void count(HttpServletRequest request) {
    if (bounded) {
      limits
          .request(request.getRemoteAddr())
          .ifPresent(
              wait -> {
                throw new RetryLaterException(
                    Problem.TOO_MANY, "Too many requests: try again later", wait);
              });
    }
  }

  /**
   * Counts an account that a client wants to create for itself.
   *
   * @throws RetryLaterException when there were too many from all addresses together
   */
  public void countRegistration() {
    limits
        .registration()
        .ifPresent(
            wait -> {
              throw new RetryLaterException(
                  Problem.TOO_MANY, "Too many new accounts: try again later", wait);
            });
  }
}
