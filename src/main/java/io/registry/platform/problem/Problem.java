package io.registry.platform.problem;

/** The kinds of refusals. Each protocol maps them to its own statuses. */
public enum Problem {
  /** The request is invalid. */
  INVALID,
  /** The requested object is still being uploaded. */
  IN_PROGRESS,
  /** The requested object does not exist. */
  NOT_FOUND,
  /** The request conflicts with the current state. */
  CONFLICT,
  /** The request lacks something that only outdated clients omit. */
  OUTDATED_CLIENT,
  /** The request exceeds a configured size. */
  TOO_LARGE,
  /** The request has no valid credentials. */
  UNAUTHENTICATED,
  /** The caller is authenticated, but not allowed to do this. */
  FORBIDDEN,
  /** The registry is read-only. */
  READ_ONLY,
  /** Too many requests: a later one may succeed. */
  TOO_MANY,
  /** A required service does not answer: a later request may succeed. */
  UNAVAILABLE
}
