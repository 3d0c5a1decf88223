package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.platform.problem.RegistryException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The tags of repositories. */
public interface Tags {

  /**
   * All tags of a repository.
   *
   * @param repository the repository
   * @return the image of each tag by name; empty when there is no such repository
   */
  Optional<Map<String, ImageId>> list(RepositoryName repository);

  /**
   * The image that a tag names.
   *
   * @param repository the repository
   * @param tag the tag
   * @return the image; empty when there is no such tag
   */
  Optional<ImageId> get(RepositoryName repository, TagName tag);

  /**
   * All tags of a repository, with the information whether they may be outdated.
   *
   * @param repository the repository
   * @return as {@link #list}
   */
  default MaybeStale<Map<String, ImageId>> lookUp(RepositoryName repository) {
    return new MaybeStale<>(list(repository), false);
  }

  /**
   * The image that a tag names, with the information whether it may be outdated.
   *
   * @param repository the repository
   * @param tag the tag
   * @return as {@link #get}
   */
  default MaybeStale<ImageId> lookUp(RepositoryName repository, TagName tag) {
    return new MaybeStale<>(get(repository, tag), false);
  }

  /**
   * What a tag names, with the manifest that it serves over V2, as the store says it now.
   *
   * @param repository the repository
   * @param tag the tag
   * @return empty when there is no such tag
   */
  Optional<TagState> state(RepositoryName repository, TagName tag);

  /**
   * Sets or moves a tag. The repository need not exist before.
   *
   * @param repository the repository
   * @param tag the tag
   * @param change what it will be
   * @throws RegistryException when the name is not allowed, or the image is unknown or incomplete;
   *     {@code CONFLICT} when the tag is immutable and names another image
   */
  void set(RepositoryName repository, TagName tag, TagChange change);

  /**
   * Sets or moves a tag, as V1 clients do.
   *
   * @param image the image that it will name
   * @param client the versions of the client
   */
  default void set(RepositoryName repository, TagName tag, ImageId image, ClientVersions client) {
    set(repository, tag, TagChange.to(image, client));
  }

  /**
   * Removes a tag; its image stays.
   *
   * @param repository the repository
   * @param tag the tag
   * @return whether there was one
   */
  boolean remove(RepositoryName repository, TagName tag);

  /**
   * Removes a tag, unless it was moved meanwhile. Of two processes, the one that moves it in the
   * last moment may lose.
   *
   * @param repository the repository
   * @param tag the tag
   * @param condition whether the image that it names now is still the one to be removed
   * @return whether it was removed
   */
  boolean removeIf(RepositoryName repository, TagName tag, Predicate<ImageId> condition);

  /**
   * The metadata of a tag: when and by which client it was set.
   *
   * @param repository the repository
   * @param tag the tag
   * @return what the store has; the defaults when there is no such tag
   */
  TagMetadata metadata(RepositoryName repository, TagName tag);

  /**
   * The metadata of the tag {@code latest}.
   *
   * @param repository the repository
   * @return what the store has; the defaults when there is no such tag
   */
  TagMetadata metadata(RepositoryName repository);
}
