package io.registry.web.api;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.Decision;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.IndexedRepositories;
import io.registry.access.index.IndexedRepository;
import io.registry.access.index.Visibility;
import io.registry.content.repository.ImageLists;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Manages the visibility of repositories. Callers that may pull see a repository; admins of its
 * namespace change it.
 */
@RestController
@RequestMapping(path = "/api/repositories", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class RepositoriesController {
  private final IndexedRepositories indexed;
  private final ImageLists stored;
  private final RepositoryVisibility visibilities;
  private final AccessPolicy policy;
  private final Rights rights;

  RepositoriesController(
      IndexedRepositories indexed,
      @Qualifier("localImageLists") ImageLists stored,
      RepositoryVisibility visibilities,
      AccessPolicy policy,
      Rights rights) {
    this.rights = rights;
    this.indexed = indexed;
    this.stored = stored;
    this.visibilities = visibilities;
    this.policy = policy;
  }

  record Repository(String namespace, String name, Visibility visibility) {}

  record RepositoryPage(
      List<Repository> repositories,
      @Schema(description = PageRequest.NEXT) @Nullable String next) {}

  record RepositoryChange(@NotNull Visibility visibility) {}

  @GetMapping
  @Operation(
      summary =
          "Lists the repositories of a namespace that the caller may pull and that were pushed to"
              + " this index")
  RepositoryPage list(
      @RequestParam String namespace,
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = PageRequest.DEFAULT_LIMIT) int limit,
      @AuthenticationPrincipal Caller.Account caller) {
    PageRequest page = new PageRequest(after, limit);
    // Filtered before it is cut into pages: otherwise the end of a page would reveal a hidden name.
    List<IndexedRepository> found =
        indexed.list(namespace, seenBy(caller, namespace), after, limit);
    return new RepositoryPage(
        found.stream()
            .map(
                repository ->
                    new Repository(
                        repository.name().namespace(),
                        repository.name().name(),
                        repository.visibility()))
            .toList(),
        page.next(found, repository -> repository.name().name()));
  }

  private Set<Visibility> seenBy(Caller.Account caller, String namespace) {
    return rights.hasRole(caller, namespace)
        ? EnumSet.allOf(Visibility.class)
        : EnumSet.of(Visibility.PUBLIC);
  }

  @GetMapping("/{namespace}/{name}")
  @Operation(summary = "Shows a repository. For callers that may pull it")
  Repository get(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller.Account caller) {
    return shown(found(caller, namespace, name));
  }

  @PatchMapping(path = "/{namespace}/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(summary = "Changes the visibility of a repository. For admins of the namespace")
  Repository change(
      @PathVariable String namespace,
      @PathVariable String name,
      @Valid @RequestBody RepositoryChange change,
      @AuthenticationPrincipal Caller.Account caller) {
    RepositoryName repository = found(caller, namespace, name);
    if (!may(caller, repository, Action.ADMINISTER)) {
      throw new RegistryException(
          Problem.FORBIDDEN, "Only owners and admins of the namespace may do that");
    }
    visibilities.setPrivate(repository, change.visibility() == Visibility.PRIVATE);
    return shown(repository);
  }

  private Repository shown(RepositoryName repository) {
    return new Repository(
        repository.namespace(),
        repository.name(),
        visibilities.isPrivate(repository) ? Visibility.PRIVATE : Visibility.PUBLIC);
  }

  // The index does not know a repository of an old store until it is pushed again.
  private RepositoryName found(Caller.Account caller, String namespace, String name) {
    RepositoryName repository = new RepositoryName(namespace, name);
    if (!may(caller, repository, Action.READ)
        || (indexed.visibility(repository).isEmpty() && stored.get(repository).isEmpty())) {
      throw new RegistryException(Problem.NOT_FOUND, "Repository not found");
    }
    return repository;
  }

  private boolean may(Caller.Account caller, RepositoryName repository, Action action) {
    return policy.decide(caller, repository, action) == Decision.ALLOWED;
  }
}
