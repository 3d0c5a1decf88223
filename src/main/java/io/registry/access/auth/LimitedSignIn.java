package io.registry.access.auth;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;

/**
 * Checks names and passwords of clients, limits how often a client may try, and records the outcome
 * in the audit.
 */
public final class LimitedSignIn {
  private final SignIn accounts;
  private final SignInLimits limits;
  private final Audit audit;

  LimitedSignIn(SignIn accounts, SignInLimits limits, Audit audit) {
    this.accounts = accounts;
    this.limits = limits;
    this.audit = audit;
  }

  /**
   * Checks a name and a password.
   *
   * @param name the name of a user or robot
   * @param password the password that the client sent
   * @param address the address of the client
   * @return the outcome
   * @throws RegistryException {@code TOO_MANY} after too many failed sign-ins, {@code UNAVAILABLE}
   *     when the check is not possible at the moment
   */
  public SignIn.Result signIn(String name, String password, String address) {
    AuditActor actor = AuditActor.claiming(name, address);
    try (SignInAttempt attempt = limits.begin(address, name)) {
      attempt
          .mustWait()
          .ifPresent(
              wait -> {
                audit.signInThrottled(actor);
                throw new RetryLaterException(
                    Problem.TOO_MANY, "Too many failed sign-ins: try again later", wait);
              });
      SignIn.Result result = accounts.signIn(name, password);
      if (result instanceof SignIn.Result.Refused) {
        attempt.failed();
        audit.signInFailed(actor, "wrong");
      } else {
        attempt.succeeded();
        audit(result, actor);
      }
      return result;
    }
  }

  private void audit(SignIn.Result result, AuditActor actor) {
    if (result instanceof SignIn.Result.SignedIn) {
      audit.signedIn(actor);
    } else {
      audit.signInFailed(
          actor, result instanceof SignIn.Result.Inactive ? "inactive" : "must-change-password");
    }
  }
}
