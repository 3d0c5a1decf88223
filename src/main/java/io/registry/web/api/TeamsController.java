package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.Teams;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Manages teams, which own namespaces or have a role there. Members see a team, admins change it.
 */
@RestController
@RequestMapping(path = "/api/teams", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class TeamsController {
  private final Teams teams;
  private final Rights rights;

  TeamsController(Teams teams, Rights rights) {
    this.teams = teams;
    this.rights = rights;
  }

  record Team(String name, List<String> members) {}

  record TeamName(@NotNull String name) {}

  record TeamPage(
      List<TeamName> teams, @Schema(description = PageRequest.NEXT) @Nullable String next) {}

  @GetMapping
  @Operation(summary = "Lists teams: for admins all, for others those that they are in")
  TeamPage list(
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = PageRequest.DEFAULT_LIMIT) int limit,
      @AuthenticationPrincipal Caller.Account caller) {
    PageRequest page = new PageRequest(after, limit);
    List<String> names =
        caller.admin() ? teams.list(after, limit) : teams.listOf(caller.name(), after, limit);
    return new TeamPage(
        names.stream().map(TeamName::new).toList(), page.next(names, String::valueOf));
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(summary = "Creates a team without members. For admins")
  @ApiResponse(responseCode = "409", description = "The name is taken")
  ResponseEntity<Team> create(
      @Valid @RequestBody TeamName team, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireAdmin(caller);
    teams.create(team.name());
    return Created.at(new Team(team.name(), List.of()), "teams", team.name());
  }

  @GetMapping("/{team}")
  @Operation(summary = "Shows a team. For its members and admins")
  Team get(@PathVariable String team, @AuthenticationPrincipal Caller.Account caller) {
    return new Team(team, seen(caller, team));
  }

  @DeleteMapping("/{team}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Removes a team and its roles. For admins")
  @ApiResponse(responseCode = "409", description = "The team owns a namespace")
  void delete(@PathVariable String team, @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, team);
    teams.remove(team);
  }

  @PutMapping("/{team}/members/{user}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Adds a user to a team. For admins")
  void add(
      @PathVariable String team,
      @PathVariable String user,
      @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, team);
    teams.addMember(team, user);
  }

  @DeleteMapping("/{team}/members/{user}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Removes a user from a team. For admins")
  void remove(
      @PathVariable String team,
      @PathVariable String user,
      @AuthenticationPrincipal Caller.Account caller) {
    requireManager(caller, team);
    teams.removeMember(team, user);
  }

  private void requireManager(Caller.Account caller, String team) {
    seen(caller, team);
    rights.requireAdmin(caller);
  }

  private List<String> seen(Caller.Account caller, String team) {
    return teams
        .members(team)
        .filter(members -> caller.admin() || members.contains(caller.name()))
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Team not found"));
  }
}
