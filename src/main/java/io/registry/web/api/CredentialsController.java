package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.IssuedCredential;
import io.registry.access.index.Robot;
import io.registry.access.index.RobotCredential;
import io.registry.access.index.Robots;
import io.registry.access.index.Role;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
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
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Manages the secrets of robots. For admins of the robot's namespace. */
@RestController
@RequestMapping(
    path = "/api/namespaces/{namespace}/robots/{robot}/credentials",
    produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class CredentialsController {
  private final Robots robots;
  private final Rights rights;

  CredentialsController(Robots robots, Rights rights) {
    this.robots = robots;
    this.rights = rights;
  }

  record Credential(
      String id,
      Instant created,
      @Schema(description = "When it expires; absent for never") @Nullable Instant expires,
      boolean revoked) {

    static Credential of(RobotCredential credential) {
      return new Credential(
          credential.id(),
          credential.created(),
          credential.expires().isPresent() ? credential.expires().get() : null,
          credential.revoked());
    }
  }

  record CredentialList(List<Credential> credentials) {}

  record NewCredential(
      @Schema(description = "When it expires; absent for never") @Nullable Instant expires) {}

  record CredentialWithSecret(
      String id,
      String login,
      @Schema(description = "The password for the login; it is shown only once") String secret,
      @Nullable Instant expires) {

    /** Omits the secret: Spring logs response bodies at the debug level. */
    @Override
    public String toString() {
      return "CredentialWithSecret[" + id + "]";
    }
  }

  @GetMapping
  @Operation(
      summary = "Lists the secrets of a robot, without their values. For admins of the namespace")
  CredentialList credentials(
      @PathVariable String namespace,
      @PathVariable String robot,
      @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    found(namespace, robot);
    return new CredentialList(
        robots.credentials(namespace, robot).stream().map(Credential::of).toList());
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      summary =
          "Creates a secret, which only this answer shows. Without expires it is valid"
              + " until it is revoked. For admins of the namespace")
  ResponseEntity<CredentialWithSecret> issue(
      @PathVariable String namespace,
      @PathVariable String robot,
      @Valid @RequestBody NewCredential credential,
      @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    Robot known = found(namespace, robot);
    IssuedCredential issued =
        robots.issue(namespace, robot, Optional.ofNullable(credential.expires()));
    return Created.at(
        new CredentialWithSecret(issued.id(), known.login(), issued.secret(), credential.expires()),
        "namespaces",
        namespace,
        "robots",
        robot,
        "credentials",
        issued.id());
  }

  @DeleteMapping("/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary =
          "Revokes a secret, which is refused from the next request on. For admins of the"
              + " namespace")
  void revoke(
      @PathVariable String namespace,
      @PathVariable String robot,
      @PathVariable String id,
      @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    robots.revoke(namespace, robot, id);
  }

  private Robot found(String namespace, String name) {
    return robots
        .find(namespace, name)
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Robot not found"));
  }
}
