package io.registry.access.auth;

/** What decides about access. */
public enum IndexMode {
  /** No index: every client that reaches the registry may do everything. */
  STANDALONE,
  /** A remote index service. */
  REMOTE,
  /** This process, which has accounts of its own. */
  EMBEDDED
}
