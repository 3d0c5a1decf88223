package io.registry.web.api;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.TagState;
import io.registry.content.repository.Trash;
import io.registry.content.repository.TrashItem;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.TrashService;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Lists and restores what was removed. Callers that may push to a repository see its trash. */
@RestController
@RequestMapping(path = "/api/trash", produces = MediaType.APPLICATION_JSON_VALUE)
class TrashController {
  private final TrashService trash;
  private final AccessPolicy policy;

  TrashController(TrashService trash, AccessPolicy policy) {
    this.trash = trash;
    this.policy = policy;
  }

  record Item(
      String namespace,
      String repository,
      String id,
      @Schema(description = "What was removed: tag, manifest, blob or repository")
          TrashItem.Kind kind,
      @Schema(description = "The tag, or the digest; absent for a repository")
          @Nullable String name,
      @Schema(description = "The V1 image that the tag named; absent when V1 could not pull it")
          @Nullable String image,
      @Schema(
              description =
                  "The digest of the manifest that the tag served; absent when no V2 client has"
                      + " set it")
          @Nullable String digest,
      @Schema(description = "How many tags the repository had; absent for other kinds")
          @Nullable Integer tags,
      Instant removed,
      @Schema(description = "When it can no longer be restored") Instant until) {}

  record TrashPage(
      List<Item> items, @Schema(description = PageRequest.NEXT) @Nullable String next) {}

  record Restored(
      @Schema(description = "The tags that exist again, in the order of their names")
          List<String> tags) {}

  @GetMapping
  @Operation(
      summary =
          "Lists what was removed and can be restored, of the repositories that the caller may"
              + " push to. Only admins may leave out the namespace")
  TrashPage list(
      @RequestParam(required = false) @Nullable String namespace,
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = PageRequest.DEFAULT_LIMIT) int limit,
      @AuthenticationPrincipal Caller caller) {
    if (namespace == null) {
      RegistryAdmins.require(caller);
    }
    PageRequest page = new PageRequest(after, limit);
    Map<RepositoryName, Boolean> decided = new HashMap<>();
    try (Stream<Trash.Placed> items = trash.list(Optional.ofNullable(namespace), after)) {
      List<Trash.Placed> found =
          items
              .filter(
                  placed ->
                      decided.computeIfAbsent(
                          placed.item().repository(), name -> may(caller, name, Action.WRITE)))
              .limit(limit)
              .toList();
      return new TrashPage(
          found.stream().map(Trash.Placed::item).map(this::shown).toList(),
          page.next(found, Trash.Placed::place));
    }
  }

  private Item shown(TrashItem item) {
    return new Item(
        item.repository().namespace(),
        item.repository().name(),
        item.id(),
        item.kind(),
        item.name().isEmpty() ? null : item.name(),
        item.tag()
            .map(TagState::image)
            .filter(image -> !image.isManifest())
            .map(ImageId::value)
            .orElse(null),
        item.tag().flatMap(TagState::manifest).orElse(null),
        item.kind() == TrashItem.Kind.REPOSITORY ? item.tags() : null,
        item.removed(),
        item.removed().plus(trash.keep()));
  }

  @PostMapping(
      path = "/{namespace}/{name}/{id}/restore",
      consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary =
          "Restores something in the trash. For callers that may push to the repository; for a"
              + " whole repository, those that may remove it")
  @ApiResponse(
      responseCode = "409",
      description = "The tag exists again and names something else, or bytes are lost")
  Restored restore(
      @PathVariable String namespace,
      @PathVariable String name,
      @PathVariable String id,
      @AuthenticationPrincipal Caller caller) {
    RepositoryName repository = new RepositoryName(namespace, name);
    if (!may(caller, repository, Action.WRITE)) {
      throw new RegistryException(Problem.NOT_FOUND, "It is not in the trash");
    }
    TrashItem item = trash.get(repository, id);
    if (item.kind() == TrashItem.Kind.REPOSITORY
        && !may(caller, repository, Action.DELETE_REPOSITORY)) {
      throw new RegistryException(
          Problem.FORBIDDEN, "Only owners and admins of the namespace may do that");
    }
    return new Restored(trash.restore(caller, item).stream().map(TagName::value).toList());
  }

  private boolean may(Caller caller, RepositoryName repository, Action action) {
    return policy.decide(caller, repository, action) == Decision.ALLOWED;
  }
}
