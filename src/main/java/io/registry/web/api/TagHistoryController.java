package io.registry.web.api;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.TagState;
import io.registry.content.repository.TagVersion;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.TrashService;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows what a tag named before, and lets it name that again. */
@RestController
@RequestMapping(
    path = "/api/repositories/{namespace}/{name}/tags/{tag}/history",
    produces = MediaType.APPLICATION_JSON_VALUE)
class TagHistoryController {
  private final TrashService trash;
  private final AccessPolicy policy;

  TagHistoryController(TrashService trash, AccessPolicy policy) {
    this.trash = trash;
    this.policy = policy;
  }

  record Version(
      String id,
      @Schema(description = "The V1 image that the tag named; absent when V1 could not pull it")
          @Nullable String image,
      @Schema(
              description =
                  "The digest of the manifest that the tag served; absent when no V2 client has"
                      + " set it")
          @Nullable String digest,
      @Schema(description = "When the tag was moved or removed") Instant ended,
      @Schema(description = "Whether the tag was removed, and not moved") boolean removed) {}

  record History(List<Version> versions) {}

  record Named(@Nullable String image, @Nullable String digest) {}

  @GetMapping
  @Operation(
      summary =
          "Lists what a tag named before, the newest version first. For callers that may push to"
              + " the repository")
  History list(
      @PathVariable String namespace,
      @PathVariable String name,
      @PathVariable String tag,
      @AuthenticationPrincipal Caller caller) {
    RepositoryName repository = visible(caller, namespace, name);
    return new History(
        TagName.find(tag).stream()
            .flatMap(found -> trash.history(repository, found).stream())
            .map(TagHistoryController::shown)
            .toList());
  }

  private static Version shown(TagVersion version) {
    return new Version(
        version.id(),
        image(version.state()),
        version.state().manifest().orElse(null),
        version.ended(),
        version.wasRemoved());
  }

  private static @Nullable String image(TagState state) {
    return Optional.of(state.image())
        .filter(image -> !image.isManifest())
        .map(ImageId::value)
        .orElse(null);
  }

  @PostMapping(path = "/{id}/restore", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary =
          "Lets a tag name again what it named before. For callers that may push to the repository")
  @ApiResponse(responseCode = "409", description = "The tag is immutable, or bytes are lost")
  Named restore(
      @PathVariable String namespace,
      @PathVariable String name,
      @PathVariable String tag,
      @PathVariable String id,
      @AuthenticationPrincipal Caller caller) {
    RepositoryName repository = visible(caller, namespace, name);
    TagName found =
        TagName.find(tag)
            .orElseThrow(
                () -> new RegistryException(Problem.NOT_FOUND, "The tag has no such version"));
    TagState state = trash.restore(caller, repository, found, id);
    return new Named(image(state), state.manifest().orElse(null));
  }

  private RepositoryName visible(Caller caller, String namespace, String name) {
    RepositoryName repository = new RepositoryName(namespace, name);
    if (policy.decide(caller, repository, Action.WRITE) != Decision.ALLOWED) {
      throw new RegistryException(Problem.NOT_FOUND, "Repository not found");
    }
    return repository;
  }
}
