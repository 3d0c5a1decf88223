package io.registry.access.auth;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The access that a token grants, with the words that tokens use for it (protocol 4.2). */
public enum Access {
  READ,
  WRITE,
  DELETE;

  /**
   * Parses the word in a token.
   *
   * @param word the word, in lower case
   * @return the access; empty when the word is none of the three
   */
  public static Optional<Access> parse(String word) {
    for (Access access : values()) {
      if (access.word().equals(word)) {
        return Optional.of(access);
      }
    }
    return Optional.empty();
  }

  /**
   * The access that an action of a V2 scope names: {@code pull}, {@code push}, {@code delete} or
   * {@code *} (Distribution, token scope documentation).
   *
   * @param action the word in a scope or in an external token
   * @return the access, each for itself: {@code push} does not name {@code READ}; empty for any
   *     other word
   */
  public static Set<Access> ofAction(String action) {
    return switch (action) {
      case "pull" -> Set.of(READ);
      case "push" -> Set.of(WRITE);
      case "delete" -> Set.of(DELETE);
      case "*" -> Set.of(values());
      default -> Set.of();
    };
  }

  /** The word that tokens use for this access. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether this access includes another one. Write access includes read access, because daemons
   * read before they push (protocol 10.2, F2).
   */
  public boolean covers(Access needed) {
    return this == needed || (this == WRITE && needed == READ);
  }
}
