package io.registry.web.api;

import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.Account;
import io.registry.access.index.AccountChange;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Manages users. Admins manage all; other users see their own account, and change their address and
 * password.
 */
@RestController
@RequestMapping(path = "/api/users", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class UsersController {
  private final Accounts accounts;
  private final Rights rights;
  private final Audit audit;

  UsersController(Accounts accounts, Rights rights, Audit audit) {
    this.accounts = accounts;
    this.rights = rights;
    this.audit = audit;
  }

  record User(
      String name,
      @Schema(description = "Empty when it is not known") String email,
      @Schema(description = "Whether the user may sign in") boolean active,
      @Schema(description = "Whether the user may do everything") boolean admin,
      @Schema(description = "Whether the password must be changed before anything else is allowed")
          boolean mustChangePassword,
      Instant created) {

    static User of(Account account) {
      return new User(
          account.name(),
          account.email(),
          account.active(),
          account.admin(),
          account.mustChangePassword(),
          account.created());
    }
  }

  record UserPage(
      List<User> users, @Schema(description = PageRequest.NEXT) @Nullable String next) {}

  record NewUser(
      @NotNull
          @Schema(
              description =
                  "2 to 255 of a-z and 0-9, with single dots, hyphens and underscores"
                      + " between them. The namespace of that name belongs to the user, unless it"
                      + " was given to another owner")
          String name,
      @NotNull @Schema(description = "At least 8 characters and at most 72 bytes in UTF-8")
          String password,
      @Nullable String email,
      @Nullable Boolean admin) {

    /** Omits the password: Spring logs request bodies at the debug level. */
    @Override
    public String toString() {
      return "NewUser[" + name + "]";
    }
  }

  @GetMapping
  @Operation(summary = "Lists users. For admins")
  UserPage list(
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = PageRequest.DEFAULT_LIMIT) int limit,
      @AuthenticationPrincipal Caller.Account caller) {
    rights.requireAdmin(caller);
    PageRequest page = new PageRequest(after, limit);
    List<User> users = accounts.list(after, limit).stream().map(User::of).toList();
    return new UserPage(users, page.next(users, User::name));
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(summary = "Creates a user. For admins")
  @ApiResponse(responseCode = "409", description = "The name is taken")
  ResponseEntity<User> create(
      @Valid @RequestBody NewUser user,
      @AuthenticationPrincipal Caller.Account caller,
      HttpServletRequest request) {
    rights.requireAdmin(caller);
    Account account =
        accounts.create(
            new NewAccount(
                user.name(),
                user.password(),
                Optional.ofNullable(user.email()).orElse(""),
                Boolean.TRUE.equals(user.admin())));
    audit.accountChanged(actor(caller, request), account.name(), "created");
    return Created.at(User.of(account), "users", account.name());
  }

  @GetMapping("/{name}")
  @Operation(summary = "Shows a user. For the user and admins")
  User get(@PathVariable String name, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireSight(caller, name);
    return accounts
        .find(name)
        .map(User::of)
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "User not found"));
  }

  @PatchMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary =
          "Changes a user: the address for the user and admins, the rest for admins. Absent"
              + " fields stay unchanged")
  @ApiResponse(responseCode = "409", description = "There would be no active admin any more")
  User change(
      @PathVariable String name,
      @Valid @RequestBody UserChange change,
      @AuthenticationPrincipal Caller.Account caller,
      HttpServletRequest request) {
    rights.requireSight(caller, name);
    if (change.active() != null || change.admin() != null) {
      rights.requireAdmin(caller);
    }
    Account changed =
        accounts.change(
            name,
            new AccountChange(
                Optional.ofNullable(change.email()),
                Optional.ofNullable(change.active()),
                Optional.ofNullable(change.admin())));
    change.words().forEach(word -> audit.accountChanged(actor(caller, request), name, word));
    return User.of(changed);
  }

  @DeleteMapping("/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Removes a user with its memberships. For admins")
  @ApiResponse(
      responseCode = "409",
      description = "The user owns a namespace of another name, or is the last active admin")
  void delete(
      @PathVariable String name,
      @AuthenticationPrincipal Caller.Account caller,
      HttpServletRequest request) {
    rights.requireSight(caller, name);
    rights.requireAdmin(caller);
    accounts.remove(name);
    audit.accountChanged(actor(caller, request), name, "removed");
  }

  private static AuditActor actor(Caller.Account caller, HttpServletRequest request) {
    return AuditActor.of(caller, request.getRemoteAddr());
  }
}
