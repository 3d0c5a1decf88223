package io.registry.web.api;

import io.registry.auth.Caller;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import io.registry.index.Namespaces;
import io.registry.index.Role;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
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
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Namespaces and whose they are. Who has a role there sees them, admins give them away. */
@RestController
@RequestMapping(path = "/api/namespaces", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class NamespacesController {
  private final Namespaces namespaces;
  private final Rights rights;

  NamespacesController(Namespaces namespaces, Rights rights) {
    this.namespaces = namespaces;
    this.rights = rights;
  }

  record Namespace(@NotNull String name, @NotNull Party owner) {

    static Namespace of(io.registry.index.Namespace namespace) {
      return new Namespace(namespace.name(), Party.of(namespace.owner()));
    }
  }

  record NamespacePage(
      List<Namespace> namespaces, @Schema(description = Page.NEXT) @Nullable String next) {}

  record NamespaceChange(@NotNull Party owner) {}

  @GetMapping
  @Operation(
      summary =
          "Lists namespaces: for admins those that were given to somebody, or have members or"
              + " robots; for others those in which they have a role")
  NamespacePage list(
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = Page.DEFAULT_LIMIT) int limit,
      @AuthenticationPrincipal Caller.Account caller) {
    Page page = new Page(after, limit);
    List<Namespace> found =
        (caller.admin()
                ? namespaces.list(after, limit)
                : namespaces.listOf(caller.name(), after, limit))
            .stream().map(Namespace::of).toList();
    return new NamespacePage(found, page.next(found, Namespace::name));
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      summary =
          "Gives a namespace to a user or team. Without that it is the user's of that name, or"
              + " nobody's. For admins")
  @ApiResponse(responseCode = "409", description = "It was given to somebody already")
  ResponseEntity<Namespace> create(
      @Valid @RequestBody Namespace namespace, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireAdmin(caller);
    give(() -> namespaces.create(namespace.name(), namespace.owner().owner()));
    return Created.at(namespace, "namespaces", namespace.name());
  }

  @GetMapping("/{namespace}")
  @Operation(summary = "Shows whose a namespace is. For who has a role there, and admins")
  Namespace get(@PathVariable String namespace, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.READ);
    return namespaces
        .find(namespace)
        .map(Namespace::of)
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Namespace not found"));
  }

  @PatchMapping(path = "/{namespace}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(summary = "Gives a namespace to somebody else. Its members stay. For admins")
  Namespace change(
      @PathVariable String namespace,
      @Valid @RequestBody NamespaceChange change,
      @AuthenticationPrincipal Caller.Account caller) {
    Namespace unused = get(namespace, caller);
    rights.requireAdmin(caller);
    give(() -> namespaces.setOwner(namespace, change.owner().owner()));
    return new Namespace(namespace, change.owner());
  }

  // Who is to own it is named in the body, not by the path.
  private static void give(Runnable gift) {
    try {
      gift.run();
    } catch (RegistryException e) {
      throw e.problem() == Problem.NOT_FOUND
          ? new RegistryException(Problem.INVALID, "owner: there is no such user or team", e)
          : e;
    }
  }

  @DeleteMapping("/{namespace}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary =
          "Takes a namespace from everybody, its members and robots included. Its repositories"
              + " stay. For admins")
  void delete(@PathVariable String namespace, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.READ);
    rights.requireAdmin(caller);
    namespaces.remove(namespace);
  }
}
