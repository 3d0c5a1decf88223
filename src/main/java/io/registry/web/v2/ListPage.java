package io.registry.web.v2;

import io.registry.platform.problem.Problem;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A part of a long list, in lexical order (OCI distribution-spec, listing tags). It takes as much
 * memory as it has names, however long the list is.
 *
 * @param names the names
 * @param more whether other names follow
 */
record ListPage(List<String> names, boolean more) {
  /** More names are not sent at once, whatever the client asks for. */
  static final int MOST = 1_000;

  /** Without a wish of the client all tags are sent, as clients expect that do not follow links. */
  static final int UNLIMITED = Integer.MAX_VALUE;

  /**
   * Chooses the names of a page.
   *
   * @param all each name once or more often, in any order
   * @param limit how many are wanted
   * @param last the name before the page; empty for the first page
   */
  static ListPage of(Stream<String> all, int limit, String last) {
    if (limit == 0) {
      return new ListPage(List.of(), false);
    }
    TreeSet<String> smallest = new TreeSet<>();
    boolean[] more = {false};
    all.filter(name -> name.compareTo(last) > 0)
        .forEach(
            name -> {
              boolean added = smallest.add(name);
              if (added && smallest.size() > limit) {
                more[0] = smallest.pollLast() != null;
              }
            });
    return new ListPage(new ArrayList<>(smallest), more[0]);
  }

  /**
   * Reads how many names a client wants.
   *
   * @param n as the client wrote it; empty when it has no wish
   * @param otherwise how many it gets without a wish
   */
  static int limit(String n, int otherwise) {
    if (n.isEmpty()) {
      return otherwise;
    }
    if (!n.matches("[0-9]{1,18}")) {
      throw new V2Exception(
          Problem.INVALID, ErrorCode.PAGINATION_NUMBER_INVALID, "n is not a number of names");
    }
    return (int) Math.min(MOST, Long.parseLong(n));
  }

  /** The value of the header that names the next page. */
  String link(String path, int limit) {
    String last = URLEncoder.encode(names.get(names.size() - 1), StandardCharsets.UTF_8);
    return "<%s?last=%s&n=%d>; rel=\"next\"".formatted(path, last, limit);
  }
}
