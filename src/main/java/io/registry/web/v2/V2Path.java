package io.registry.web.v2;

import java.util.List;
import java.util.Set;

/**
 * The paths of V2. A name has slashes, and what follows it is told by the end of the path:
 * controllers see the name as one segment.
 */
final class V2Path {
  /** The path at which clients find out whether the server speaks V2, and who may use it. */
  static final String BASE = "/v2/";

  private static final String BARE = "/v2";
  private static final Set<String> BEFORE_LAST = Set.of("manifests", "blobs", "referrers");

  private V2Path() {}

  static boolean owns(String path) {
    return path.equals(BARE) || path.startsWith(BASE);
  }

  static String normalise(String sent) {
    if (sent.equals(BARE)) {
      return BASE;
    }
    List<String> parts = List.of(sent.substring(BASE.length()).split("/", -1));
    int after = afterName(parts);
    if (after == 0) {
      return sent;
    }
    int end = parts.size() - after;
    return BASE
        + String.join("%2F", parts.subList(0, end))
        + "/"
        + String.join("/", parts.subList(end, parts.size()));
  }

  // How many segments follow the name; 0 when there is no name.
  private static int afterName(List<String> parts) {
    int size = parts.size();
    if (size > 3 && parts.get(size - 3).equals("blobs") && parts.get(size - 2).equals("uploads")) {
      return 3;
    }
    if (size > 2
        && (BEFORE_LAST.contains(parts.get(size - 2))
            || (parts.get(size - 2).equals("tags") && parts.get(size - 1).equals("list")))) {
      return 2;
    }
    return 0;
  }
}
