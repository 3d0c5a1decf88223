package io.registry.problem;

/** The kinds of refusal that a client can cause. Each protocol maps them to its own statuses. */
public enum Problem {
  /** The request says something that cannot be. */
  INVALID,
  /** The thing asked for is still being uploaded. */
  IN_PROGRESS,
  /** There is no such thing. */
  NOT_FOUND,
  /** The request contradicts what is already there. */
  CONFLICT,
  /** The request lacks what only clients that are too old leave out. */
  OUTDATED_CLIENT,
  /** The request is larger than the registry is set to accept. */
  TOO_LARGE,
  /** It has to be said, with credentials that hold, who asks. */
  UNAUTHENTICATED,
  /** It is known who asks, and may not. */
  FORBIDDEN,
  /** Nobody may change that here. */
  READ_ONLY,
  /** Asked too often: later it may succeed. */
  TOO_MANY,
  /** What has to be asked first does not answer: later it may succeed. */
  UNAVAILABLE
}
