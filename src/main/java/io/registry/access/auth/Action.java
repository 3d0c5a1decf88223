package io.registry.access.auth;

/** What a caller wants to do with a repository or an image. */
public enum Action {
  /** Read tags, images and lists. */
  READ(Access.READ),
  /** Push images and set tags. */
  WRITE(Access.WRITE),
  /** Remove a tag. */
  DELETE_TAG(Access.DELETE),
  /** Remove a repository. */
  DELETE_REPOSITORY(Access.DELETE),
  /** Change the visibility of a repository. */
  ADMINISTER(Access.WRITE);

  private final Access access;

  Action(Access access) {
    this.access = access;
  }

  /** The access that a token must grant for this action. */
  public Access access() {
    return access;
  }
}
