package io.registry.web.api;

import io.registry.auth.Caller;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import io.registry.index.IssuedCredential;
import io.registry.index.Namespaces;
import io.registry.index.RobotCredential;
import io.registry.index.Robots;
import io.registry.index.Role;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
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
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Accounts for programs, and their secrets. For admins of the namespace that they belong to. */
@RestController
@RequestMapping(
    path = "/api/namespaces/{namespace}/robots",
    produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class RobotsController {
  private final Robots robots;
  private final Namespaces namespaces;
  private final Rights rights;

  RobotsController(Robots robots, Namespaces namespaces, Rights rights) {
    this.robots = robots;
    this.namespaces = namespaces;
    this.rights = rights;
  }

  record Robot(
      String name,
      @Schema(description = "What the robot signs in with as its name") String login,
      Role role,
      Instant created) {

    static Robot of(io.registry.index.Robot robot) {
      return new Robot(robot.name(), robot.login(), robot.role(), robot.created());
    }
  }

  record RobotList(List<Robot> robots) {}

  record NewRobot(@NotNull String name, @NotNull Role role) {}

  record Credential(
      String id,
      Instant created,
      @Schema(description = "From when on it is refused; absent for never")
          @Nullable Instant expires,
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
      @Schema(description = "From when on it is refused; absent for never")
          @Nullable Instant expires) {}

  record CredentialWithSecret(
      String id,
      String login,
      @Schema(description = "The password to the login; it is not told again") String secret,
      @Nullable Instant expires) {

    /** Without the secret: Spring logs what it writes when it is told to. */
    @Override
    public String toString() {
      return "CredentialWithSecret[" + id + "]";
    }
  }

  @GetMapping
  @Operation(summary = "Lists the robots of a namespace. For its admins")
  RobotList list(@PathVariable String namespace, @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, namespace);
    return new RobotList(robots.list(namespace).stream().map(Robot::of).toList());
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(summary = "Makes a robot, which has no secret yet. For admins of the namespace")
  @ApiResponse(responseCode = "409", description = "The name is taken")
  ResponseEntity<Robot> create(
      @PathVariable String namespace,
      @Valid @RequestBody NewRobot robot,
      @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, namespace);
    Robot made = Robot.of(robots.create(namespace, robot.name(), robot.role()));
    return Created.at(made, "namespaces", namespace, "robots", made.name());
  }

  @GetMapping("/{robot}")
  @Operation(summary = "Shows a robot. For admins of the namespace")
  Robot get(
      @PathVariable String namespace,
      @PathVariable String robot,
      @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, namespace);
    return found(namespace, robot);
  }

  @DeleteMapping("/{robot}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Removes a robot with its secrets. For admins of the namespace")
  void delete(
      @PathVariable String namespace,
      @PathVariable String robot,
      @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, namespace);
    robots.remove(namespace, robot);
  }

  @GetMapping("/{robot}/credentials")
  @Operation(summary = "Lists what is known of the secrets of a robot. For admins of the namespace")
  CredentialList credentials(
      @PathVariable String namespace,
      @PathVariable String robot,
      @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, namespace);
    Robot unused = found(namespace, robot);
    return new CredentialList(
        robots.credentials(namespace, robot).stream().map(Credential::of).toList());
  }

  @PostMapping(path = "/{robot}/credentials", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      summary =
          "Makes a secret, which is told in this answer and never again. Without expires it holds"
              + " until it is revoked. For admins of the namespace")
  ResponseEntity<CredentialWithSecret> issue(
      @PathVariable String namespace,
      @PathVariable String robot,
      @Valid @RequestBody NewCredential credential,
      @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, namespace);
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

  @DeleteMapping("/{robot}/credentials/{id}")
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
    requireManager(caller, namespace);
    robots.revoke(namespace, robot, id);
  }

  private void requireManager(Caller.Account caller, String namespace) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    if (namespaces.find(namespace).isEmpty()) {
      throw new RegistryException(Problem.NOT_FOUND, "Namespace not found");
    }
  }

  private Robot found(String namespace, String name) {
    return robots.list(namespace).stream()
        .filter(robot -> robot.name().equals(name))
        .map(Robot::of)
        .findFirst()
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Robot not found"));
  }
}
