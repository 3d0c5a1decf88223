package io.registry.contents;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An element of a list of files: {@code [name, type, deleted, size, mtime, mode, uid, gid]}
 * (protocol 2.2). A whiteout, by which a layer takes a file of those below away, has the name of
 * that file, and is marked as deleted.
 *
 * @param name {@code /} or {@code /NAME} where the tar says {@code .} or {@code ./NAME}; else as in
 *     the tar
 * @param deleted whether it takes a file away
 * @param details the values after the name, as they are in lists
 */
record ListedFile(String name, boolean deleted, List<Object> details) {
  private static final String WHITEOUT = ".wh.";
  private static final String ROOT_WHITEOUT = "/" + WHITEOUT;
  private static final String METADATA = WHITEOUT + WHITEOUT;
  private static final String OPAQUE = METADATA + ".opq";
  private static final int VALUES = 8;

  /**
   * What is listed of an entry.
   *
   * @param entry an entry of a layer
   * @return nothing when it is what the file system of the daemon keeps for itself
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
   * Reads an element. Lists of the original have whiteouts that it did not know as such: they are
   * taken for what they are.
   *
   * @param row the element
   * @return nothing when it is what is not listed
   * @throws IllegalArgumentException when it is not of that form
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

  /** Whether this and that name are of one file: with {@code ./} in front of it, or not. */
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
      // As the original did it, also for names with folders in them.
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
