package io.registry.auth;

/** What is decided about a wish. */
public enum Decision {
  /** It may be done. */
  ALLOWED,
  /** Whoever asks has to say who it is, with credentials that hold. */
  UNAUTHENTICATED,
  /** It is known who asks, and may not. */
  FORBIDDEN,
  /** Whoever asks may not even know that there is such a thing. */
  HIDDEN,
  /** The image is of no repository that may be written by whoever asks. */
  FOREIGN
}
