package io.registry.upstream.mirror;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.RegistryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * Searches with the index of the source (protocol 2.4, 7.1). A source that does not answer has no
 * results; one that does not support paging returns all results at once.
 */
public final class SourceSearch {
  /** The largest page that Docker Hub and similar indexes return. */
  private static final int PAGE = 100;

  private static final int LONGEST_DESCRIPTION = 1_000;

  private final V1Source source;

  SourceSearch(V1Source source) {
    this.source = source;
  }

  /**
   * The results.
   *
   * @param total the number of matching repositories, as the source states it
   * @param some the requested ones
   */
  public record Results(long total, List<SourceResult> some) {}

  /**
   * Finds repositories, in the order of the source.
   *
   * @param term the search term; empty for all
   * @param from how many results to skip
   * @param limit up to how many are returned, at most 100
   */
  public Results find(String term, long from, int limit) {
    int page = (int) Math.min(from / PAGE, Integer.MAX_VALUE - 2L);
    Part first = part(term, page);
    List<SourceResult> found = new ArrayList<>(first.after((int) (from % PAGE)));
    if (found.size() < limit && first.isPage() && (page + 1L) * PAGE < first.total()) {
      found.addAll(part(term, page + 1).after(0));
    }
    return new Results(first.total(), found.stream().limit(limit).toList());
  }

  /** A page of the source, counted from 0; or all results, when it does not support paging. */
  private record Part(long total, List<Optional<SourceResult>> results, boolean isPage) {
    // An invalid entry keeps its position, otherwise the following ones would be returned twice.
    List<SourceResult> after(int skipped) {
      return results.stream().skip(skipped).flatMap(Optional::stream).toList();
    }
  }

  private Part part(String term, int page) {
    return source
        .search(term, PAGE, page + 1)
        .map(answer -> part(answer, page))
        .orElseGet(() -> new Part(0, List.of(), true));
  }

  private static Part part(JsonNode answer, int page) {
    boolean isPage = answer.path("page").isIntegralNumber();
    Stream<JsonNode> results =
        StreamSupport.stream(answer.path("results").spliterator(), false)
            .skip(isPage ? 0 : (long) page * PAGE);
    List<Optional<SourceResult>> found = results.map(SourceSearch::result).toList();
    long total = answer.path("num_results").asLong(found.size());
    return new Part(Math.max(0, total), found, isPage);
  }

  private static Optional<SourceResult> result(JsonNode result) {
    String description = result.path("description").asString("");
    return name(result.path("name").asString(""))
        .map(
            name ->
                new SourceResult(
                    name,
                    description.substring(0, Math.min(description.length(), LONGEST_DESCRIPTION)),
                    result.path("star_count").asInt(0),
                    result.path("is_official").asBoolean(false),
                    result.path("is_automated").asBoolean(false)
                        || result.path("is_trusted").asBoolean(false)));
  }

  private static Optional<RepositoryName> name(String text) {
    try {
      return Optional.of(RepositoryName.parse(text));
    } catch (RegistryException e) {
      // Some registries allow names that this one does not.
      return Optional.empty();
    }
  }
}
