package io.registry.platform.settings;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Suggests a correction for a misspelt word. */
public final class Nearest {
  /** A word that differs in more than this fraction (a third) of its letters is not suggested. */
  private static final int PART = 3;

  private Nearest() {}

  /** A hint with the nearest of the words; empty when none is near. */
  public static String hint(String word, Collection<String> words) {
    return find(word, words).map(near -> "; did you mean " + near + "?").orElse("");
  }

  /** The word with the smallest edit distance; empty when the distance is too large. */
  static Optional<String> find(String word, Collection<String> words) {
    return words.stream()
        .min(Comparator.comparingInt((String other) -> distance(word, other)))
        .filter(other -> distance(word, other) <= Math.max(2, word.length() / PART));
  }

  // The Levenshtein distance.
  private static int distance(String one, String other) {
    int[] before = new int[other.length() + 1];
    Arrays.setAll(before, i -> i);
    for (int i = 1; i <= one.length(); i++) {
      int[] now = new int[other.length() + 1];
      now[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(replaced, 1 + Math.min(before[j], now[j - 1]));
      }
      before = now;
    }
    return before[other.length()];
  }
}
