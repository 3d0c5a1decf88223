package io.registry.events;

import java.util.Locale;

/** What can happen, as settings and the log name it. */
public enum EventKind {
  /** A tag was set or moved. */
  TAG_SET,
  /** A tag was removed by itself. */
  TAG_REMOVED,
  /** A repository was removed with its tags. */
  REPOSITORY_REMOVED,
  /** The image list of a repository came into being, which is how a push begins. */
  REPOSITORY_CREATED,
  /** Images were added to the list of a repository, or the list was removed. */
  REPOSITORY_UPDATED,
  /** An image was finished. */
  IMAGE_PUSHED,
  /** A repository was marked as private. */
  REPOSITORY_MADE_PRIVATE,
  /** A repository was marked as public. */
  REPOSITORY_MADE_PUBLIC;

  /** The word for it. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether receivers of notifications have a word for it: {@code push} or {@code delete}. */
  boolean isTellable() {
    return this != REPOSITORY_MADE_PRIVATE && this != REPOSITORY_MADE_PUBLIC;
  }

  /** That word. */
  String action() {
    return this == TAG_REMOVED || this == REPOSITORY_REMOVED ? "delete" : "push";
  }
}
