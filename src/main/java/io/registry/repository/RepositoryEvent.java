package io.registry.repository;

import io.registry.image.ImageId;
import java.util.List;

/** What has happened to a repository (protocol 2.3). */
public sealed interface RepositoryEvent {

  /** The repository. */
  RepositoryName repository();

  /** It was pushed for the first time: its image list came into being. */
  record RepositoryCreated(RepositoryName repository) implements RepositoryEvent {}

  /** It was pushed again: images were added to its list, or the list was removed. */
  record RepositoryUpdated(RepositoryName repository) implements RepositoryEvent {}

  /**
   * A tag was set or moved.
   *
   * @param image what it names now
   */
  record TagSet(RepositoryName repository, TagName tag, ImageId image) implements RepositoryEvent {}

  /**
   * A tag was removed by itself.
   *
   * @param image what it named
   */
  record TagRemoved(RepositoryName repository, TagName tag, ImageId image)
      implements RepositoryEvent {}

  /**
   * It was removed with all its tags, of which nothing else is told.
   *
   * @param tags the tags that it had
   */
  record RepositoryRemoved(RepositoryName repository, List<TagName> tags)
      implements RepositoryEvent {
    /** Takes the tags as they are now. */
    public RepositoryRemoved {
      tags = List.copyOf(tags);
    }
  }

  /** It was made private or public, and need not exist. */
  record VisibilityChanged(RepositoryName repository, boolean isPrivate)
      implements RepositoryEvent {}
}
