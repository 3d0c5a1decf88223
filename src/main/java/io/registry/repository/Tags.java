package io.registry.repository;

import io.registry.image.ImageId;
import io.registry.problem.RegistryException;
import java.util.Map;
import java.util.Optional;

/** The tags of repositories. */
public interface Tags {

  /**
   * All tags of a repository.
   *
   * @param repository the repository
   * @return the image of each tag by its name; nothing when there is no such repository
   */
  Optional<Map<String, ImageId>> list(RepositoryName repository);

  /**
   * The image that a tag names.
   *
   * @param repository the repository
   * @param tag the tag
   * @return the image; nothing when there is no such tag
   */
  Optional<ImageId> get(RepositoryName repository, TagName tag);

  /**
   * All tags of a repository, for those who want to know how good the answer is.
   *
   * @param repository the repository
   * @return as {@link #list}
   */
  default MaybeStale<Map<String, ImageId>> lookUp(RepositoryName repository) {
    return new MaybeStale<>(list(repository), false);
  }

  /**
   * The image that a tag names, for those who want to know how good the answer is.
   *
   * @param repository the repository
   * @param tag the tag
   * @return as {@link #get}
   */
  default MaybeStale<ImageId> lookUp(RepositoryName repository, TagName tag) {
    return new MaybeStale<>(get(repository, tag), false);
  }

  /**
   * Sets or moves a tag. The repository need not exist before.
   *
   * @param repository the repository
   * @param tag the tag
   * @param image the image that it will name
   * @param client what is known of the client
   * @throws RegistryException when the name may not be given, or the image is unknown or unfinished
   */
  void set(RepositoryName repository, TagName tag, ImageId image, ClientVersions client);

  /**
   * Removes a tag; its image stays.
   *
   * @param repository the repository
   * @param tag the tag
   * @return whether there was one
   */
  boolean remove(RepositoryName repository, TagName tag);

  /**
   * When and by what client a tag was set.
   *
   * @param repository the repository
   * @param tag the tag
   * @return what the store says; the defaults when there is no such tag
   */
  TagMetadata metadata(RepositoryName repository, TagName tag);

  /**
   * When and by what client the tag {@code latest} was set.
   *
   * @param repository the repository
   * @return what the store says; the defaults when there is no such tag
   */
  TagMetadata metadata(RepositoryName repository);
}
