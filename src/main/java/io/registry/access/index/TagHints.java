package io.registry.access.index;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TaggedImages;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Records which images the tags of a repository lead to, so that the repository of an image is
 * found when a request names only the image and an account. The records may be outdated; each use
 * checks the tags again.
 */
final class TagHints {
  /** The ids take up to 30 MB. */
  private static final int MAX_IMAGES = 300_000;

  private final ImageClaims claims;
  private final TaggedImages tagged;
  private final Cache<RepositoryName, Set<ImageId>> noted =
      Caffeine.newBuilder()
          .maximumWeight(MAX_IMAGES)
          .weigher((RepositoryName name, Set<ImageId> images) -> 1 + images.size())
          .build();

  TagHints(ImageClaims claims, TaggedImages tagged) {
    this.claims = claims;
    this.tagged = tagged;
  }

  /** Records the images that are not recorded yet. */
  void note(RepositoryName repository) {
    Set<ImageId> images = tagged.all(repository);
    Set<ImageId> known = noted.get(repository, name -> Set.of());
    if (known.equals(images)) {
      return;
    }
    claims.tagged(
        repository,
        images.stream()
            .filter(image -> !known.contains(image))
            .collect(Collectors.toUnmodifiableSet()));
    noted.put(repository, images);
  }

  /** Forgets what was recorded of a repository, so that it is recorded again. */
  void forget(RepositoryName repository) {
    noted.invalidate(repository);
  }
}
