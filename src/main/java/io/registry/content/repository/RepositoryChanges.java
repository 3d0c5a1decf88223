package io.registry.content.repository;

import java.util.function.Supplier;

/**
 * Wraps every change of a repository's tags and image list, so that caches can be invalidated
 * before and after it.
 */
public interface RepositoryChanges {

  /**
   * Runs a change of a repository. While it runs, caches return nothing of the repository; after it
   * has returned, no reader gets the former state.
   *
   * @param repository the repository
   * @param change makes the change; after a {@link io.registry.storage.StorageException} it is
   *     unknown whether it was made, or is still to come
   * @return what the change returns
   * @throws io.registry.storage.StorageException as thrown by the change, or when it was made but
   *     readers may get the former state for a while
   */
  <V> V call(RepositoryName repository, Supplier<V> change);

  /**
   * Like {@link #call}, for a change that returns nothing.
   *
   * @param repository the repository
   * @param change makes the change
   */
  default void run(RepositoryName repository, Runnable change) {
    call(
        repository,
        () -> {
          change.run();
          return true;
        });
  }
}
