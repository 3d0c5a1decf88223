package io.registry.features.search;

import io.registry.content.repository.RepositoryName;
import java.util.Locale;

/**
 * A repository in the in-memory index, prepared for searching.
 *
 * @param row its row in the index
 * @param text its full name in lower case
 * @param about its description in lower case
 */
record Entry(IndexRow row, String text, String about) implements Comparable<Entry> {

  static Entry of(IndexRow row) {
    return new Entry(
        row,
        row.repository().toString().toLowerCase(Locale.ROOT),
        row.description().toLowerCase(Locale.ROOT));
  }

  /**
   * How well the repository matches.
   *
   * @param term the search term in lower case
   */
  Rank rank(String term) {
    int at = text.indexOf(term);
    if (at < 0) {
      return about.contains(term) ? Rank.ABOUT : Rank.NONE;
    }
    int name = row.repository().namespace().length() + 1;
    if (text.length() == term.length()
        || (text.length() - name == term.length() && text.endsWith(term))) {
      return Rank.EXACT;
    }
    return at == 0 || text.startsWith(term, name) ? Rank.PREFIX : Rank.PART;
  }

  @Override
  public int compareTo(Entry other) {
    return compareTo(other.text, other.row.repository().toString());
  }

  /**
   * Compares by name: below 0 when this entry comes before the repository, 0 when it is that one.
   */
  int compareTo(RepositoryName repository) {
    String name = repository.toString();
    return compareTo(name.toLowerCase(Locale.ROOT), name);
  }

  private int compareTo(String lower, String name) {
    int order = text.compareTo(lower);
    return order == 0 ? row.repository().toString().compareTo(name) : order;
  }
}
