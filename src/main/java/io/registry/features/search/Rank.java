package io.registry.features.search;

/** How well a repository matches a search term, the best match first. */
enum Rank {
  /** The term is the name, with or without the namespace. */
  EXACT,
  /** The name begins with the term, with or without the namespace. */
  PREFIX,
  /** The full name contains the term. */
  PART,
  /** The description contains the term. */
  ABOUT,
  /** No match. */
  NONE
}
