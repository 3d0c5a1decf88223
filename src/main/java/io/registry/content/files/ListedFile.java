package io.registry.content.files;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An entry of a listing: {@code [name, type, deleted, size, mtime, mode, uid, gid]} (protocol 2.2).
 * A whiteout, by which a layer deletes a file of its ancestors, is listed under the name of that
 * file and marked as deleted.
 *
 * @param name {@code /} or {@code /NAME} where the tar has {@code .} or {@code ./NAME}; else as in
 *     the tar
 * @param deleted whether it is a whiteout
 * @param details the values after the name, as in listings
 */
record ListedFile(String name, boolean deleted, List<Object> details) {
  private static final String WHITEOUT = ".wh.";
  private static final String ROOT_WHITEOUT = "/" + WHITEOUT;
  private static final String METADATA = WHITEOUT + WHITEOUT;
  private static final String OPAQUE = METADATA + ".opq";
  private static final int VALUES = 8;

  /**
   * The listed form of a tar entry.
   *
   * @param entry an entry of a layer
   * @return empty when the entry is metadata of the daemon's file system
   */
  static Optional<ListedFile> of(TarEntry entry) {
    String type = String.valueOf(entry.type());
    return whited(rooted(entry.name()))
        .map(
            spelled ->
                new ListedFile(
                    spelled.name(),
                    spelled.deleted(),
                    List.of(
                        type,
                        spelled.deleted(),
                        entry.size(),
                        entry.mtime(),
                        entry.mode(),
                        entry.uid(),
                        entry.gid())));
  }

  /**
   * Parses an entry of a listing. Listings of the original contain whiteouts that it did not
   * recognize: they are treated as whiteouts.
   *
   * @param row the entry
   * @return empty when the entry must not be listed
   * @throws IllegalArgumentException when it does not have that form
   */
  static Optional<ListedFile> of(JsonNode row) {
    requireForm(row);
    String name = row.get(0).stringValue();
    boolean deleted = row.get(2).booleanValue();
    Optional<Spelled> spelled = deleted ? Optional.of(new Spelled(name, true)) : whited(name);
    return spelled.map(
        file ->
            new ListedFile(
                file.name(),
                file.deleted(),
                List.of(
                    row.get(1),
                    file.deleted(),
                    row.get(3),
                    row.get(4),
                    row.get(5),
                    row.get(6),
                    row.get(7))));
  }

  private static void requireForm(JsonNode row) {
    boolean fits =
        row.isArray()
            && row.size() == VALUES
            && row.get(0).isString()
            && row.get(1).isString()
            && row.get(2).isBoolean();
    for (int i = 3; fits && i < VALUES; i++) {
      fits = row.get(i).isNumber();
    }
    if (!fits) {
      throw new IllegalArgumentException("not an element of a list of files");
    }
  }

  /** The name for comparisons, the same with or without {@code ./} in front of it. */
  String path() {
    return name.startsWith("/") ? name.substring(1) : name;
  }

  private record Spelled(String name, boolean deleted) {}

  private static String rooted(String name) {
    if (name.equals(".")) {
      return "/";
    }
    return name.startsWith("./") ? name.substring(1) : name;
  }

  private static Optional<Spelled> whited(String name) {
    if (name.startsWith(ROOT_WHITEOUT)) {
      // Like the original, also for names that contain folders.
      String taken = "/" + name.substring(ROOT_WHITEOUT.length());
      return taken.startsWith(ROOT_WHITEOUT)
          ? Optional.empty()
          : Optional.of(new Spelled(taken, true));
    }
    int base = name.lastIndexOf('/') + 1;
    if (base > 1 && name.startsWith(OPAQUE, base) && name.length() == base + OPAQUE.length()) {
      return Optional.of(new Spelled(name, true));
    }
    if (name.startsWith(METADATA) || name.contains("/" + METADATA)) {
      return Optional.empty();
    }
    if (name.startsWith(WHITEOUT, base) && name.length() > base + WHITEOUT.length()) {
      return Optional.of(
          new Spelled(name.substring(0, base) + name.substring(base + WHITEOUT.length()), true));
    }
    return Optional.of(new Spelled(name, false));
  }
}
