package io.registry.features.search;

import io.registry.access.auth.ReadScope;
import io.registry.content.repository.RepositoryName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The index at a revision, ordered by name. A search looks at all entries, because a term may be
 * anywhere in a name; in memory that takes a few milliseconds for a hundred thousand repositories,
 * in a database many times as long.
 */
@SuppressWarnings("ArrayRecordComponent")
record Snapshot(long revision, Entry[] entries) {
  static final Snapshot EMPTY = new Snapshot(0, new Entry[0]);

  /**
   * The result of a search.
   *
   * @param total the number of matches
   * @param some the requested part of them
   */
  record Hits(long total, List<IndexRow> some) {}

  int size() {
    return entries.length;
  }

  /**
   * Finds repositories, the best matches first and then by name.
   *
   * @param term the search term in lower case; empty for all
   * @param scope the repositories that may be found
   * @param from how many results to skip
   * @param limit up to how many are returned
   */
  Hits find(String term, ReadScope scope, long from, int limit) {
    Map<Rank, Positions> byRank = new EnumMap<>(Rank.class);
    for (int at = 0; at < entries.length; at++) {
      Entry entry = entries[at];
      if (scope.includes(entry.row().repository(), entry.row().isPrivate())) {
        Rank rank = entry.rank(term);
        if (rank != Rank.NONE) {
          byRank.computeIfAbsent(rank, any -> new Positions()).add(at);
        }
      }
    }
    long total = byRank.values().stream().mapToLong(Positions::size).sum();
    List<IndexRow> some = new ArrayList<>();
    long skipped = from;
    for (Positions positions : byRank.values()) {
      for (long at = skipped; at < positions.size() && some.size() < limit; at++) {
        some.add(entries[positions.get((int) at)].row());
      }
      skipped = Math.max(0, skipped - positions.size());
    }
    return new Hits(total, some);
  }

  /** Whether the index contains a repository. */
  boolean contains(RepositoryName repository) {
    int low = 0;
    int high = entries.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = entries[middle].compareTo(repository);
      if (order == 0) {
        return true;
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle - 1;
    }
    return false;
  }

  /** Whether any repository is in the scope. */
  boolean hasAny(ReadScope scope) {
    return Arrays.stream(entries)
        .map(Entry::row)
        .anyMatch(row -> scope.includes(row.repository(), row.isPrivate()));
  }

  /** The index at a later revision. */
  Snapshot with(Collection<IndexRow> changes, long later) {
    TreeMap<Entry, Boolean> changed = new TreeMap<>();
    changes.forEach(row -> changed.put(Entry.of(row), row.present()));
    List<Entry> merged = new ArrayList<>(entries.length + changed.size());
    int at = 0;
    for (var change : changed.entrySet()) {
      for (; at < entries.length && entries[at].compareTo(change.getKey()) < 0; at++) {
        merged.add(entries[at]);
      }
      if (at < entries.length && entries[at].compareTo(change.getKey()) == 0) {
        at++;
      }
      if (change.getValue()) {
        merged.add(change.getKey());
      }
    }
    merged.addAll(Arrays.asList(entries).subList(at, entries.length));
    return new Snapshot(later, merged.toArray(Entry[]::new));
  }

  /** A growing list of positions that needs no object for each. */
  private static final class Positions {
    private int[] values = new int[16];
    private int size;

    void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, size * 2);
      }
      values[size++] = value;
    }

    int get(int at) {
      return values[at];
    }

    int size() {
      return size;
    }
  }
}
