package io.registry.repository;

import io.registry.image.ImageId;
import io.registry.problem.RegistryException;

/** May refuse to set or remove tags. */
public interface TagRule {
  /** Refuses nothing. */
  TagRule NONE = new TagRule() {};

  /**
   * Is asked before a tag is set or moved, and may take its time.
   *
   * @param repository the repository, which need not exist
   * @param tag the tag
   * @param image the image that it is to name, which is complete
   * @throws RegistryException to refuse it, with the text that the pusher is told
   */
  default void beforeSetting(RepositoryName repository, TagName tag, ImageId image) {}

  /**
   * Whether a tag, once it is set, may neither name another image nor be removed.
   *
   * @param repository the repository
   * @param tag the tag
   */
  default boolean isImmutable(RepositoryName repository, TagName tag) {
    return false;
  }
}
