package io.registry.access.index;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageRemoval;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TaggedImages;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Releases the id of an image, so that another image can be pushed under it: removes the image, and
 * the records of the repositories that own or claim it.
 */
public final class IdRelease {
  private static final int MAX_NAMED = 10;

  private final ImageRemoval removal;
  private final Repositories repositories;
  private final TaggedImages tagged;
  private final ImageClaims claims;

  IdRelease(
      ImageRemoval removal, Repositories repositories, TaggedImages tagged, ImageClaims claims) {
    this.removal = removal;
    this.repositories = repositories;
    this.tagged = tagged;
    this.claims = claims;
  }

  /**
   * Releases an id. A release that was interrupted can be repeated.
   *
   * @param id the image
   * @param forced whether to skip the check for tags that need the image. Such tags stay: clients
   *     that may read them can read the next image under the id
   * @throws RegistryException {@code NOT_FOUND} when there is no such image, {@code CONFLICT} when
   *     a tag needs it
   */
  public void release(ImageId id, boolean forced) {
    if (!removal.exists(id)) {
      throw new RegistryException(Problem.NOT_FOUND, "Image not found");
    }
    List<String> needing = forced ? List.of() : needing(id);
    if (!needing.isEmpty()) {
      throw new RegistryException(
          Problem.CONFLICT, "The image is needed by " + String.join(", ", needing));
    }
    removal.hide(id);
    // While the id is still taken: otherwise the next image under it would have these readers.
    claims.release(id);
    removal.remove(id);
  }

  private List<String> needing(ImageId id) {
    try (Stream<RepositoryName> names = repositories.names()) {
      return names
          .flatMap(name -> tagged.tagsTo(name, id).map(tag -> name + ":" + tag))
          .distinct()
          .limit(MAX_NAMED)
          .toList();
    }
  }
}
