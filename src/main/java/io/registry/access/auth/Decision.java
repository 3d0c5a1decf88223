package io.registry.access.auth;

/** The decision of an {@link AccessPolicy} about an action. */
public enum Decision {
  /** The caller may do it. */
  ALLOWED,
  /** The caller must authenticate with valid credentials first. */
  UNAUTHENTICATED,
  /** The caller is authenticated and may not do it. */
  FORBIDDEN,
  /** The caller may not even learn whether the object exists. */
  HIDDEN,
  /** The image belongs to no repository that the caller may write. */
  FOREIGN
}
