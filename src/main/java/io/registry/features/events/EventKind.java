package io.registry.features.events;

import java.util.Locale;

/** The kinds of events, with the names in settings and in the log. */
public enum EventKind {
  /** A tag was set or moved. */
  TAG_SET,
  /** A single tag was removed. */
  TAG_REMOVED,
  /** A manifest was pushed without a tag. */
  MANIFEST_PUSHED,
  /** A manifest was removed by its digest. */
  MANIFEST_REMOVED,
  /** A repository was removed with its tags. */
  REPOSITORY_REMOVED,
  /** The image list of a repository was created, which is how a push begins. */
  REPOSITORY_CREATED,
  /** Images were added to the list of a repository, or the list was removed. */
  REPOSITORY_UPDATED,
  /** The upload of an image was completed. */
  IMAGE_PUSHED,
  /** A repository was marked as private. */
  REPOSITORY_MADE_PRIVATE,
  /** A repository was marked as public. */
  REPOSITORY_MADE_PUBLIC;

  /** The name in settings and in the log. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the notification format has an action for it: {@code push} or {@code delete}. */
  boolean isTellable() {
    return this != REPOSITORY_MADE_PRIVATE && this != REPOSITORY_MADE_PUBLIC;
  }

  /** The action in the notification format. */
  String action() {
    return switch (this) {
      case TAG_REMOVED, MANIFEST_REMOVED, REPOSITORY_REMOVED -> "delete";
      default -> "push";
    };
  }
}
