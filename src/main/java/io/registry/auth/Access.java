package io.registry.auth;

import java.util.Locale;
import java.util.Optional;

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
