package io.registry.auth;

/** Who decides what somebody may do. */
public enum IndexMode {
  /** Nobody: whoever reaches the registry may do everything. */
  STANDALONE,
  /** An index service elsewhere. */
  REMOTE,
  /** This process, which has accounts of its own. */
  EMBEDDED
}
