package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.Namespaces;
import io.registry.access.index.Owner;
import io.registry.access.index.Role;
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
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Manages namespaces and their owners. Members see them, admins change them. */
@RestController
@RequestMapping(path = "/api/namespaces", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class NamespacesController {
  private static final String TRUSTED =
      "Whether each account that may read the images there may use them as parents without"
          + " pushing them";

  private final Namespaces namespaces;
  private final Rights rights;

  NamespacesController(Namespaces namespaces, Rights rights) {
    this.namespaces = namespaces;
    this.rights = rights;
  }

  record Namespace(
      String name,
      @Schema(description = "Absent when only admins have access") @Nullable Party owner,
      @Schema(description = TRUSTED) boolean trusted) {

    static Namespace of(io.registry.access.index.Namespace namespace) {
      return new Namespace(
          namespace.name(), namespace.owner().map(Party::of).orElse(null), namespace.trusted());
    }
  }

  record NamespacePage(
      List<Namespace> namespaces, @Schema(description = PageRequest.NEXT) @Nullable String next) {}

  record NewNamespace(@NotNull String name, @NotNull Party owner) {}

  record NamespaceChange(
      @Nullable Party owner, @Schema(description = TRUSTED) @Nullable Boolean trusted) {}

  @GetMapping
  @Operation(
      summary =
          "Lists namespaces: for admins those that have a recorded owner, members or"
              + " robots, or are trusted; for others those in which they have a role")
  NamespacePage list(
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = PageRequest.DEFAULT_LIMIT) int limit,
      @AuthenticationPrincipal Caller.Account caller) {
    PageRequest page = new PageRequest(after, limit);
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
          "Gives a namespace to a user or team. Otherwise it belongs to the user of the"
              + " same name, if there is one. For admins")
  @ApiResponse(responseCode = "409", description = "The namespace has an owner already")
  ResponseEntity<Namespace> create(
      @Valid @RequestBody NewNamespace namespace, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireAdmin(caller);
    give(() -> namespaces.create(namespace.name(), namespace.owner().owner()));
    return Created.at(find(namespace.name()), "namespaces", namespace.name());
  }

  @GetMapping("/{namespace}")
  @Operation(summary = "Shows a namespace and its owner. For members and admins")
  Namespace get(@PathVariable String namespace, @AuthenticationPrincipal Caller.Account caller) {
    if (!caller.admin()) {
      rights.requireRole(caller, namespace, Role.READ);
    }
    return find(namespace);
  }

  private Namespace find(String name) {
    return namespaces
        .find(name)
        .map(Namespace::of)
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Namespace not found"));
  }

  @PatchMapping(path = "/{namespace}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary =
          "Changes the owner of a namespace, whose members stay, or whether it is trusted,"
              + " for which it needs no owner. For admins")
  Namespace change(
      @PathVariable String namespace,
      @Valid @RequestBody NamespaceChange change,
      @AuthenticationPrincipal Caller.Account caller) {
    Party owner = change.owner();
    if (!caller.admin() || owner != null) {
      rights.requireRole(caller, namespace, Role.READ);
    }
    rights.requireAdmin(caller);
    if (owner != null) {
      Owner next = owner.owner();
      give(() -> namespaces.setOwner(namespace, next));
    }
    Boolean trusted = change.trusted();
    if (trusted != null) {
      namespaces.setTrusted(namespace, trusted);
    }
    return find(namespace);
  }

  // The body names the owner, so that an unknown one is an invalid field and not a missing
  // resource.
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
          "Removes the owner, members and robots of a namespace, and its trust. Its"
              + " repositories stay. For admins")
  void delete(@PathVariable String namespace, @AuthenticationPrincipal Caller.Account caller) {
    rights.requireRole(caller, namespace, Role.READ);
    rights.requireAdmin(caller);
    namespaces.remove(namespace);
  }
}
