package io.registry.repository;

import java.util.function.Supplier;

/**
 * Is told of every change to the tags and the image list of a repository before it is made and when
 * it is over, by whoever makes it.
 */
public interface RepositoryChanges {

  /**
   * Changes a repository. While that goes on, nobody is told what is remembered of it, and when
   * this returns, nobody will be told what was there before.
   *
   * @param repository the repository
   * @param change makes the change; a {@link io.registry.storage.StorageException} leaves open
   *     whether it was made, or will be yet
   * @return what the change returns
   * @throws io.registry.storage.StorageException as thrown by the change, or when it was made but
   *     others may be told for a while what was there before
   */
  <V> V call(RepositoryName repository, Supplier<V> change);

  /**
   * The same for a change that returns nothing.
   *
   * @param repository the repository
   * @param change makes the change
   */
  default void run(RepositoryName repository, Runnable change) {
    Boolean unused =
        call(
            repository,
            () -> {
              change.run();
              return true;
            });
  }
}
