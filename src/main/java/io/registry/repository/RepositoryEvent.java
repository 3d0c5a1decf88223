package io.registry.repository;

import io.registry.image.ImageId;
import java.util.List;

/** A change of a repository that has happened (protocol 2.3). */
public sealed interface RepositoryEvent {

  /** The repository. */
  RepositoryName repository();

  /** The repository was pushed for the first time: its image list was created. */
  record RepositoryCreated(RepositoryName repository) implements RepositoryEvent {}

  /** The repository was pushed again: images were added to its list, or the list was removed. */
  record RepositoryUpdated(RepositoryName repository) implements RepositoryEvent {}

  /**
   * A tag was set or moved.
   *
   * @param image the image that it names now
   */
  record TagSet(RepositoryName repository, TagName tag, ImageId image) implements RepositoryEvent {}

  /**
   * A single tag was removed.
   *
   * @param image the image that it named
   */
  record TagRemoved(RepositoryName repository, TagName tag, ImageId image)
      implements RepositoryEvent {}

  /**
   * The repository was removed with all its tags, for which there are no separate events.
   *
   * @param tags the tags that it had
   */
  record RepositoryRemoved(RepositoryName repository, List<TagName> tags)
      implements RepositoryEvent {
    /** Makes a defensive copy. */
    public RepositoryRemoved {
      tags = List.copyOf(tags);
    }
  }

  /** The repository, which need not exist, was made private or public. */
  record VisibilityChanged(RepositoryName repository, boolean isPrivate)
      implements RepositoryEvent {}
}
