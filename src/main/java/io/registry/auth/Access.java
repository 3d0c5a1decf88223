package io.registry.auth;

import java.util.Locale;
import java.util.Optional;

/** What a token allows, in the words that tokens have for it (protocol 4.2). */
public enum Access {
  READ,
  WRITE,
  DELETE;

  /**
   * Reads the word of a token.
   *
   * @param word the word, in lower case
   * @return its meaning; nothing when it is none of the three
   */
  public static Optional<Access> parse(String word) {
    for (Access access : values()) {
      if (access.word().equals(word)) {
        return Optional.of(access);
      }
    }
    return Optional.empty();
  }

  /** The word that tokens have for it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Tells whether this is enough for something. Whoever may write may also look what is there, as
   * daemons do before they push (protocol 10.2, F2).
   */
  public boolean covers(Access needed) {
    return this == needed || (this == WRITE && needed == READ);
  }
}
