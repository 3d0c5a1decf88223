package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.platform.problem.RegistryException;
import java.util.Optional;
import java.util.Set;

/**
 * The image lists: for each repository, the images that clients have announced to the index
 * (protocol 2.3).
 */
public interface ImageLists {

  /**
   * The image list of a repository.
   *
   * @param repository the repository
   * @return the JSON as stored; the tagged images when the list is lost but there are tags; empty
   *     when there is no such repository
   */
  Optional<byte[]> get(RepositoryName repository);

  /**
   * The image list of a repository, with the information whether it may be outdated.
   *
   * @param repository the repository
   * @return as {@link #get}
   */
  default MaybeStale<byte[]> lookUp(RepositoryName repository) {
    return new MaybeStale<>(get(repository), false);
  }

  /**
   * Creates the list, or adds to it. An empty list adds nothing.
   *
   * @param repository the repository, which need not exist
   * @param json an array of objects with an {@code id} each
   * @return the images in the array
   * @throws RegistryException when it is not such an array
   */
  Set<ImageId> add(RepositoryName repository, byte[] json);

  /**
   * Removes the list; tags and images stay.
   *
   * @param repository the repository, which need not exist
   */
  void remove(RepositoryName repository);
}
