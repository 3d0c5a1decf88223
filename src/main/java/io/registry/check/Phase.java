package io.registry.check;

/** What a check does one after the other. */
enum Phase {
  /** Names all images and repositories. */
  LIST,
  /** Looks at each image by itself. */
  IMAGES,
  /** Looks at the repositories and where their tags lead. */
  REPOSITORIES,
  /** Looks at what the images build upon. */
  LINKS,
  /** All is done. */
  DONE
}
