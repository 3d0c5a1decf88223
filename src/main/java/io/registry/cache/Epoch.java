package io.registry.cache;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of the life of a store in which what is remembered of it stays together. What was
 * remembered in one epoch is never used in another, and to leave an epoch is to forget.
 *
 * @param number counts from 0, in which nothing is remembered
 * @param id of this epoch alone, among all stores
 * @param holder who remembers the repositories; nobody when empty
 * @param settled whether it was certain when the epoch began that nobody went by what earlier
 *     holders remembered
 */
record Epoch(long number, String id, Optional<String> holder, boolean settled) {
  /** Before the first, when nothing was ever remembered of the store. */
  static final Epoch NONE = new Epoch(0, "none", Optional.empty(), true);

  private static final String FORMAT = "1";
  private static final String NOBODY = "-";
  private static final String SETTLED = "settled";
  private static final String UNREADABLE = "";

  /** As it is kept in the store. */
  byte[] text() {
    return String.join("\n", FORMAT, id, holder.orElse(NOBODY), settled ? SETTLED : NOBODY, "")
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #text()} wrote.
   *
   * @param number which it is
   * @param text what the store has
   * @return the epoch; one in which nothing is remembered when the text is damaged or of another
   *     version
   */
  static Epoch parse(long number, byte[] text) {
    List<String> lines = new String(text, StandardCharsets.UTF_8).lines().toList();
    if (lines.size() != 4 || !lines.get(0).equals(FORMAT)) {
      return new Epoch(number, UNREADABLE, Optional.empty(), false);
    }
    return new Epoch(
        number,
        lines.get(1),
        Optional.of(lines.get(2)).filter(holder -> !holder.equals(NOBODY)),
        lines.get(3).equals(SETTLED));
  }

  /** Whether anything may be remembered in it. */
  boolean isUsable() {
    return number > 0 && !id.equals(UNREADABLE);
  }

  /** Whether that one holds it. */
  boolean isHeldBy(Optional<String> other) {
    return holder.isPresent() && holder.equals(other);
  }
}
