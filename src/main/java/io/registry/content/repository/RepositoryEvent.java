package io.registry.content.repository;

import io.registry.content.image.ImageId;
import java.util.List;
import java.util.Optional;

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
   * @param manifest the manifest that it serves; empty when a V1 client has set it
   */
  record TagSet(
      RepositoryName repository, TagName tag, ImageId image, Optional<ManifestRef> manifest)
      implements RepositoryEvent {}

  /** A manifest was pushed without a tag. */
  record ManifestPushed(RepositoryName repository, ManifestRef manifest)
      implements RepositoryEvent {}

  /** A manifest was removed by its digest; there is an event for each tag that named it, too. */
  record ManifestRemoved(RepositoryName repository, ManifestRef manifest)
      implements RepositoryEvent {}

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
