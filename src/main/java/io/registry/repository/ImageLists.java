package io.registry.repository;

import io.registry.image.ImageId;
import io.registry.problem.RegistryException;
import java.util.Optional;
import java.util.Set;

/** The list of its images that an index keeps for each repository (protocol 2.3). */
public interface ImageLists {

  /**
   * The list of a repository.
   *
   * @param repository the repository
   * @return the JSON as stored; the tagged images when the list is lost but tags are there; nothing
   *     when there is no such repository
   */
  Optional<byte[]> get(RepositoryName repository);

  /**
   * The list of a repository, for those who want to know how good the answer is.
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
   * @return the images that the array names
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
