package io.registry.upstream.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * The tokens and sessions that the source has issued for single repositories (protocol 2.6, 4.1).
 * Requests for an image do not name a repository, so this class also remembers through which
 * repository each image was found. Everything here may be forgotten at any time.
 */
final class SourcePasses {
  private static final int MAX_REPOSITORIES = 1_000;
  private static final int MAX_IMAGES = 100_000;
  private static final Duration VALID = Duration.ofMinutes(5);

  private final Cache<RepositoryName, Credentials> passes =
      Caffeine.newBuilder().maximumSize(MAX_REPOSITORIES).expireAfterWrite(VALID).build();
  private final Cache<ImageId, RepositoryName> repositories =
      Caffeine.newBuilder().maximumSize(MAX_IMAGES).build();

  Optional<Credentials> find(RepositoryName repository) {
    return Optional.ofNullable(passes.getIfPresent(repository));
  }

  void note(RepositoryName repository, Credentials pass) {
    passes.put(repository, pass);
  }

  void forget(RepositoryName repository) {
    passes.invalidate(repository);
  }

  /** A repository of the source that contains the image. */
  Optional<RepositoryName> repository(ImageId image) {
    return Optional.ofNullable(repositories.getIfPresent(image));
  }

  /** Remembers that the tags of a repository lead to images. */
  void note(RepositoryName repository, Collection<ImageId> images) {
    images.forEach(image -> repositories.put(image, repository));
  }
}
