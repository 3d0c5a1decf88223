package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.Namespaces;
import io.registry.access.index.Owner;
import io.registry.access.index.PartyKind;
import io.registry.access.index.Role;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Manages the members of a namespace. All members see them; admins of the namespace change them.
 */
@RestController
@RequestMapping(
    path = "/api/namespaces/{namespace}/members",
    produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class MembersController {
  private final Namespaces namespaces;
  private final Rights rights;

  MembersController(Namespaces namespaces, Rights rights) {
    this.namespaces = namespaces;
    this.rights = rights;
  }

  record Member(@Nullable String user, @Nullable String team, Role role) {}

  record MemberList(List<Member> members) {}

  record NewRole(@NotNull Role role) {}

  @GetMapping
  @Operation(summary = "Lists the members of a namespace, without its owner. For members")
  MemberList list(@PathVariable String namespace, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.READ);
    return new MemberList(
        namespaces.members(namespace).entrySet().stream()
            .map(
                entry -> {
                  Party party = Party.of(new Owner(entry.getKey().kind(), entry.getKey().name()));
                  return new Member(party.user(), party.team(), entry.getValue());
                })
            .toList());
  }

  @PutMapping(path = "/users/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Gives a user a role. For admins of the namespace")
  void setUser(
      @PathVariable String namespace,
      @PathVariable String name,
      @Valid @RequestBody NewRole role,
      @AuthenticationPrincipal Caller.Account caller) {
    set(caller, namespace, PartyKind.ACCOUNT, name, role.role());
  }

  @PutMapping(path = "/teams/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Gives a team a role. For admins of the namespace")
  void setTeam(
      @PathVariable String namespace,
      @PathVariable String name,
      @Valid @RequestBody NewRole role,
      @AuthenticationPrincipal Caller.Account caller) {
    set(caller, namespace, PartyKind.TEAM, name, role.role());
  }

  @DeleteMapping("/users/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Removes the role of a user. For admins of the namespace")
  void removeUser(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller.Account caller) {
    remove(caller, namespace, PartyKind.ACCOUNT, name);
  }

  @DeleteMapping("/teams/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Removes the role of a team. For admins of the namespace")
  void removeTeam(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller.Account caller) {
    remove(caller, namespace, PartyKind.TEAM, name);
  }

  private void set(
      Caller.Account caller, String namespace, PartyKind kind, String name, Role role) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    namespaces.setMember(namespace, new io.registry.access.index.Member(kind, name), role);
  }

  private void remove(Caller.Account caller, String namespace, PartyKind kind, String name) {
    rights.requireRole(caller, namespace, Role.ADMIN);
    namespaces.removeMember(namespace, new io.registry.access.index.Member(kind, name));
  }
}
