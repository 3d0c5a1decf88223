package io.registry.repository;

/**
 * Is told of every change to the tags and the image list of a repository before it is made and when
 * it is over, by whoever makes it.
 */
public interface RepositoryChanges {

  /**
   * Tells that a repository is about to change. When this returns, nobody is told any more what is
   * remembered of it.
   *
   * @param repository the repository
   * @return closed when the change was made, or was not; closing it throws what this throws, and
   *     then others may be told for a while what was there before
   * @throws io.registry.storage.StorageException when that cannot be made sure
   */
  Change begin(RepositoryName repository);

  /** A change that goes on. */
  interface Change extends AutoCloseable {
    @Override
    void close();
  }
}
