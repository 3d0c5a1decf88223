package io.registry.search;

/** How well a repository fits what is looked for, the best first. */
enum Rank {
  /** It is the name, with or without the namespace. */
  EXACT,
  /** The name begins with it, with or without the namespace. */
  PREFIX,
  /** It is somewhere in the full name. */
  PART,
  /** It is in the description. */
  ABOUT,
  /** It is nowhere. */
  NONE
}
