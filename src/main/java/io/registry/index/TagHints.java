package io.registry.index;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.image.ImageId;
import io.registry.repository.RepositoryName;
import io.registry.repository.TaggedImages;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Notes which images the tags of a repository lead to, so that the repository is found by the image
 * later, when all that is known is an account. What is noted may be out of date and is looked up
 * again each time.
 */
final class TagHints {
  /** About 30 MB of ids. */
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

  /** Notes what is not noted yet. */
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

  /** Nothing is noted of a repository any more. */
  void forget(RepositoryName repository) {
    noted.invalidate(repository);
  }
}
