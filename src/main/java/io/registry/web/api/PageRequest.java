package io.registry.web.api;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parameters for one page of a list that is ordered by name. Entries that are added or removed
 * meanwhile do not move others to another page.
 *
 * @param after the name after which to begin; empty for the first
 * @param limit up to how many are returned, 1 to 1,000
 */
record PageRequest(String after, int limit) {
  static final String DEFAULT_LIMIT = "100";
  static final String NEXT = "The value of after for the next page; absent on the last page";
  static final int MAX_LIMIT = 1_000;

  PageRequest {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new RegistryException(Problem.INVALID, "limit: has to be 1 to " + MAX_LIMIT);
    }
  }

  /** The value of {@code after} for the next page; null when there is none. */
  <T> @Nullable String next(List<T> found, Function<T, String> name) {
    return found.size() < limit ? null : name.apply(found.get(found.size() - 1));
  }
}
