package io.registry.features.cache;

import io.registry.content.lease.NumberedBlob;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A period in which cached data of a store is valid. Data cached in one epoch is never used in
 * another, so that beginning a new epoch invalidates all of it.
 *
 * @param number counts from 0, the epoch in which nothing is cached
 * @param id unique among all epochs of all stores
 * @param holder names the cache that holds the repositories; empty when there is none
 * @param settled whether it was certain at the beginning of the epoch that no process used the
 *     caches of earlier holders
 */
record Epoch(long number, String id, Optional<String> holder, boolean settled) {
  /** The epoch of a store before the first one that is recorded. */
  static final Epoch NONE = new Epoch(0, "none", Optional.empty(), true);

  private static final String FORMAT = "1";
  private static final String NOBODY = "-";
  private static final String SETTLED = "settled";
  private static final String UNREADABLE = "";

  /** The content of the blob of an epoch that begins now. */
  static String next(Optional<String> holder, boolean settled) {
    return new Epoch(0, UUID.randomUUID().toString(), holder, settled).text();
  }

  /** The content of the epoch's blob in the store. */
  String text() {
    return String.join("\n", FORMAT, id, holder.orElse(NOBODY), settled ? SETTLED : NOBODY, "");
  }

  /**
   * Parses what {@link #text()} returned.
   *
   * @param blob the epoch in the store
   * @return the epoch; one in which nothing is cached when the text is damaged or of another
   *     version
   */
  static Epoch parse(NumberedBlob blob) {
    long number = blob.number();
    if (number == 0) {
      return NONE;
    }
    List<String> lines = blob.text().lines().toList();
    if (lines.size() != 4 || !lines.get(0).equals(FORMAT)) {
      return new Epoch(number, UNREADABLE, Optional.empty(), false);
    }
    return new Epoch(
        number,
        lines.get(1),
        Optional.of(lines.get(2)).filter(holder -> !holder.equals(NOBODY)),
        lines.get(3).equals(SETTLED));
  }

  /** Whether data may be cached in this epoch. */
  boolean isUsable() {
    return number > 0 && !id.equals(UNREADABLE);
  }

  /** Whether the given cache is the holder. */
  boolean isHeldBy(Optional<String> other) {
    return holder.isPresent() && holder.equals(other);
  }
}
