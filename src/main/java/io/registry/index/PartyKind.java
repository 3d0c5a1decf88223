package io.registry.index;

/** What owns a namespace or is a member of it. */
public enum PartyKind {
  /** One user. */
  ACCOUNT,
  /** Several, who may change. */
  TEAM
}
