package io.registry.web.api;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.content.repository.RepositoryName;
import io.registry.features.search.Descriptions;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Manages the descriptions of repositories, which search shows. Callers that may pull read them;
 * admins of the namespace change them.
 */
@RestController
@RequestMapping(
    path = "/api/repositories/{namespace}/{name}/description",
    produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnProperty(prefix = "registry.search", name = "enabled")
class DescriptionsController {
  private final Descriptions descriptions;
  private final AccessPolicy policy;

  DescriptionsController(Descriptions descriptions, AccessPolicy policy) {
    this.descriptions = descriptions;
    this.policy = policy;
  }

  record Description(@Schema(description = "Empty for none") @NotNull String description) {}

  record DescriptionChange(
      @Schema(description = "Up to 255 characters without control characters; empty for none")
          @NotNull
          String description) {}

  @GetMapping
  @Operation(summary = "Shows the description of a repository. For callers that may pull it")
  Description get(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller) {
    RepositoryName repository = visible(caller, namespace, name);
    return new Description(
        descriptions.get(repository).orElseThrow(DescriptionsController::notFound));
  }

  @PutMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary =
          "Sets the description of an existing repository. For admins of the namespace. The"
              + " description is removed with the repository")
  Description set(
      @PathVariable String namespace,
      @PathVariable String name,
      @Valid @RequestBody DescriptionChange change,
      @AuthenticationPrincipal Caller caller) {
    RepositoryName repository = visible(caller, namespace, name);
    if (policy.decide(caller, repository, Action.ADMINISTER) != Decision.ALLOWED) {
      throw new RegistryException(
          Problem.FORBIDDEN, "Only owners and admins of the namespace may do that");
    }
    descriptions.set(repository, change.description());
    return new Description(change.description());
  }

  private RepositoryName visible(Caller caller, String namespace, String name) {
    RepositoryName repository = new RepositoryName(namespace, name);
    if (policy.decide(caller, repository, Action.READ) != Decision.ALLOWED) {
      throw notFound();
    }
    return repository;
  }

  private static RegistryException notFound() {
    return new RegistryException(Problem.NOT_FOUND, "Repository not found");
  }
}
