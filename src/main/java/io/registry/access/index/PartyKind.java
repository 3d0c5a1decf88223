package io.registry.access.index;

/** The kinds of owners and members of a namespace. */
public enum PartyKind {
  /** A single user. */
  ACCOUNT,
  /** A team of users. */
  TEAM
}
