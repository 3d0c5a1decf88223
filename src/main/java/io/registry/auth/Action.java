package io.registry.auth;

/** What somebody wants to do with a repository or an image. */
public enum Action {
  /** To see what is there. */
  READ(Access.READ),
  /** To push images and set tags. */
  WRITE(Access.WRITE),
  /** To remove a tag. */
  DELETE_TAG(Access.DELETE),
  /** To remove a repository. */
  DELETE_REPOSITORY(Access.DELETE),
  /** To change who sees a repository. */
  ADMINISTER(Access.WRITE);

  private final Access access;

  Action(Access access) {
    this.access = access;
  }

  /** What a token has to allow for it. */
  public Access access() {
    return access;
  }
}
