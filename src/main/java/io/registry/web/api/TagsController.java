package io.registry.web.api;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.ManifestService;
import io.registry.service.ServedManifest;
import io.registry.service.TagView;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows what the clients of both protocols get for a tag. */
@RestController
@RequestMapping(
    path = "/api/repositories/{namespace}/{name}/tags",
    produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnProperty(prefix = "registry.v2", name = "enabled", matchIfMissing = true)
class TagsController {
  private final ManifestService manifests;
  private final AccessPolicy policy;

  TagsController(ManifestService manifests, AccessPolicy policy) {
    this.manifests = manifests;
    this.policy = policy;
  }

  record Tag(
      String name,
      @Schema(description = "The V1 image; absent when V1 clients cannot pull the tag")
          @Nullable String image,
      @Schema(
              description =
                  "The digest of the manifest; absent when V2 clients cannot pull the tag")
          @Nullable String digest,
      @Schema(description = "The media type of the manifest") @Nullable String mediaType,
      @Schema(description = "Why V1 or V2 clients cannot pull the tag; absent when both can")
          @Nullable String refusal) {}

  @GetMapping("/{tag}")
  @Operation(
      summary =
          "Shows what a tag names over V1 and V2, and why one of them cannot express it. For"
              + " callers that may pull the repository")
  Tag get(
      @PathVariable String namespace,
      @PathVariable String name,
      @PathVariable String tag,
      @AuthenticationPrincipal Caller caller) {
    RepositoryName repository = new RepositoryName(namespace, name);
    if (policy.decide(caller, repository, Action.READ) != Decision.ALLOWED) {
      throw notFound();
    }
    return TagName.find(tag)
        .flatMap(found -> manifests.view(repository, found))
        .map(view -> shown(tag, view))
        .orElseThrow(TagsController::notFound);
  }

  private static Tag shown(String name, TagView view) {
    return new Tag(
        name,
        view.image().map(String::valueOf).orElse(null),
        view.manifest().map(ServedManifest::digest).map(String::valueOf).orElse(null),
        view.manifest().map(ServedManifest::mediaType).orElse(null),
        view.refusal().isEmpty() ? null : view.refusal());
  }

  private static RegistryException notFound() {
    return new RegistryException(Problem.NOT_FOUND, "Tag not found");
  }
}
