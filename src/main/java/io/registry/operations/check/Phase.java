package io.registry.operations.check;

/** The phases of a check, in order. */
enum Phase {
  /** Lists all images and repositories. */
  LIST,
  /** Inspects each image by itself. */
  IMAGES,
  /** Inspects the repositories and resolves their tags. */
  REPOSITORIES,
  /** Verifies the parents and ancestries of the images. */
  LINKS,
  /** Inspects each blob by itself. */
  BLOBS,
  /** Inspects what the repositories contain by digest. */
  CONTENT,
  /** Finds what is left of uploads, and links that are not served. */
  LEFTOVERS,
  /** The check is complete. */
  DONE
}
