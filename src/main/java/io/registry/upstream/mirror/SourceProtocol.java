package io.registry.upstream.mirror;

/** The protocol that a mirror speaks to its source. */
public enum SourceProtocol {
  /** The source is asked which: V1 if it speaks V1, else V2 if it speaks that. */
  AUTO,
  /** V1. */
  V1,
  /** V2 / OCI distribution. */
  V2
}
