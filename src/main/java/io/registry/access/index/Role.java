package io.registry.access.index;

/** The roles in a namespace; each includes the ones before it. */
public enum Role {
  /** Pull images. */
  READ,
  /** Push images and remove tags. */
  WRITE,
  /** Change the visibility and the members, and remove repositories. */
  ADMIN;

  /** Whether this role includes another one. */
  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }
}
