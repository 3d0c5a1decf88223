package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.Robots;
import io.registry.access.index.Role;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.List;
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

/** Manages robots, the accounts for programs. For admins of their namespace. */
@RestController
@RequestMapping(
    path = "/api/namespaces/{namespace}/robots",
    produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class RobotsController {
  private final Robots robots;
  private final Rights rights;

  RobotsController(Robots robots, Rights rights) {
    this.robots = robots;
    this.rights = rights;
  }

  record Robot(
      String name,
      @Schema(description = "The name that the robot signs in with") String login,
      Role role,
      Instant created) {

    static Robot of(io.registry.access.index.Robot robot) {
      return new Robot(robot.name(), robot.login(), robot.role(), robot.created());
    }
  }

  record RobotList(List<Robot> robots) {}

  record NewRobot(@NotNull String name, @NotNull Role role) {}

  @GetMapping
  @Operation(summary = "Lists the robots of a namespace. For its admins")
  RobotList list(@PathVariable String namespace, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    return new RobotList(robots.list(namespace).stream().map(Robot::of).toList());
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(summary = "Creates a robot, which has no secret yet. For admins of the namespace")
  @ApiResponse(responseCode = "409", description = "The name is taken")
  ResponseEntity<Robot> create(
      @PathVariable String namespace,
      @Valid @RequestBody NewRobot robot,
      @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    Robot made = Robot.of(robots.create(namespace, robot.name(), robot.role()));
    return Created.at(made, "namespaces", namespace, "robots", made.name());
  }

  @GetMapping("/{robot}")
  @Operation(summary = "Shows a robot. For admins of the namespace")
  Robot get(
      @PathVariable String namespace,
      @PathVariable String robot,
      @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    return robots
        .find(namespace, robot)
        .map(Robot::of)
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Robot not found"));
  }

  @DeleteMapping("/{robot}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Removes a robot and its secrets. For admins of the namespace")
  void delete(
      @PathVariable String namespace,
      @PathVariable String robot,
      @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    robots.remove(namespace, robot);
  }
}
