package io.registry.web.api;

import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.Accounts;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Changes passwords of users. */
@RestController
@RequestMapping(path = "/api/users/{name}/password", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class PasswordsController {
  private final Accounts accounts;
  private final Rights rights;
  private final Audit audit;

  PasswordsController(Accounts accounts, Rights rights, Audit audit) {
    this.accounts = accounts;
    this.rights = rights;
    this.audit = audit;
  }

  record NewPassword(
      @NotNull @Schema(description = "At least 8 characters and at most 72 bytes in UTF-8")
          String password) {

    /** Omits the password. */
    @Override
    public String toString() {
      return "NewPassword[]";
    }
  }

  @PutMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary =
          "Sets a password; the former one is refused from then on. For the user and"
              + " admins. With a password that must be changed, this is the only request that is"
              + " allowed")
  void set(
      @PathVariable String name,
      @Valid @RequestBody NewPassword password,
      @AuthenticationPrincipal Caller.Account caller,
      HttpServletRequest request) {
    rights.requireSight(caller, name);
    accounts.setPassword(name, password.password());
    audit.passwordChanged(AuditActor.of(caller, request.getRemoteAddr()), name);
  }
}
