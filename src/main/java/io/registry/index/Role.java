package io.registry.index;

/** What somebody may do in a namespace; each includes the ones before it. */
public enum Role {
  /** To pull. */
  READ,
  /** To push, and to remove tags. */
  WRITE,
  /** To say who sees its repositories and who its members are, and to remove repositories. */
  ADMIN;

  /** Tells whether this is enough where that is needed. */
  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }
}
