package io.registry.access.index;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageRemoval;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TaggedImages;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Releases the id of an image, so that another image can be pushed under it: removes the image, and
 * the records of the repositories that own or claim it. An admin may release every id, the owner of
 * a namespace the ids of images that no other namespace uses.
 */
public final class IdRelease {
  private static final int MAX_NAMED = 10;
  private static final Duration RETRY = Duration.ofSeconds(10);

  private final ImageRemoval removal;
  private final Repositories repositories;
  private final TaggedImages tagged;
  private final ImageClaims claims;
  private final Permissions permissions;

  /** A search through all tags is work that any account may ask for. */
  private final Semaphore searches = new Semaphore(1);

  IdRelease(
      ImageRemoval removal,
      Repositories repositories,
      TaggedImages tagged,
      ImageClaims claims,
      Permissions permissions) {
    this.removal = removal;
    this.repositories = repositories;
    this.tagged = tagged;
    this.claims = claims;
    this.permissions = permissions;
  }

  /**
   * Releases an id for an admin. A release that was interrupted can be repeated.
   *
   * @param id the image
   * @param forced whether to skip the check for tags that need the image. Such tags stay: clients
   *     that may read them can read the next image under the id
   * @throws RegistryException {@code NOT_FOUND} when there is no such image, {@code CONFLICT} when
   *     a tag needs it
   */
  public void release(ImageId id, boolean forced) {
    if (!removal.exists(id)) {
      throw unknown();
    }
    if (!forced) {
      requireUnneeded(needing(id, repository -> true));
    }
    removal.hide(id);
    removal.remove(id, () -> claims.release(id, forced));
  }

  /**
   * Releases an id for the owner of a namespace to which a client has sent the image. A release
   * that was interrupted can be repeated.
   *
   * @param id the image
   * @param account the name of the user
   * @param forced whether tags of the user's own namespaces do not prevent it; they stay
   * @throws RegistryException {@code NOT_FOUND} when there is no such image, or no namespace of the
   *     user has it; {@code FORBIDDEN} when the user only has another role there; {@code CONFLICT}
   *     when a tag needs it, or another namespace has it too; {@code UNAVAILABLE} when this server
   *     looks for the tags of another image
   */
  public void release(ImageId id, String account, boolean forced) {
    Set<String> visible = permissions.namespaces(account);
    Set<String> owned =
        visible.stream()
            .filter(name -> permissions.role(account, name).filter(Role.ADMIN::equals).isPresent())
            .collect(Collectors.toSet());
    requireOwner(id, visible, owned);
    requireNoOther(id, owned);
    if (!searches.tryAcquire()) {
      throw new RetryLaterException(
          Problem.UNAVAILABLE, "The server frees another id: try again", RETRY);
    }
    try {
      if (!needing(id, repository -> !owned.contains(repository.namespace())).isEmpty()) {
        throw usedByOthers();
      }
      if (!forced) {
        requireUnneeded(needing(id, repository -> owned.contains(repository.namespace())));
      }
    } finally {
      searches.release();
    }
    boolean wasVisible = removal.hide(id);
    try {
      // No other namespace gets a hidden image, so that this answer holds.
      requireNoOther(id, owned);
    } catch (RuntimeException e) {
      if (wasVisible) {
        removal.show(id);
      }
      throw e;
    }
    removal.remove(id, () -> claims.release(id, forced));
  }

  private void requireOwner(ImageId id, Set<String> visible, Set<String> owned) {
    Set<String> having =
        claims.namespaces(id).entrySet().stream()
            .filter(Map.Entry::getValue)
            .map(Map.Entry::getKey)
            .filter(visible::contains)
            .collect(Collectors.toSet());
    if (having.isEmpty() || !removal.exists(id)) {
      throw unknown();
    }
    if (having.stream().noneMatch(owned::contains)) {
      throw new RegistryException(
          Problem.FORBIDDEN, "Only owners and admins of the namespace may do that");
    }
  }

  private void requireNoOther(ImageId id, Set<String> owned) {
    if (!owned.containsAll(claims.namespaces(id).keySet())) {
      throw usedByOthers();
    }
  }

  private static void requireUnneeded(List<String> needing) {
    if (!needing.isEmpty()) {
      throw new RegistryException(
          Problem.CONFLICT, "The image is needed by " + String.join(", ", needing));
    }
  }

  private List<String> needing(ImageId id, Predicate<RepositoryName> where) {
    try (Stream<RepositoryName> names = repositories.names()) {
      return names
          .filter(where)
          .flatMap(name -> tagged.tagsTo(name, id).map(tag -> name + ":" + tag))
          .distinct()
          .limit(MAX_NAMED)
          .toList();
    }
  }

  private static RegistryException unknown() {
    return new RegistryException(Problem.NOT_FOUND, "Image not found");
  }

  // Does not say whose they are.
  private static RegistryException usedByOthers() {
    return new RegistryException(
        Problem.CONFLICT, "Other namespaces use the image: only an admin can free its id");
  }
}
