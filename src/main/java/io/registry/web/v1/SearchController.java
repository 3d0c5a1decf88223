package io.registry.web.v1;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.access.auth.ReadScope;
import io.registry.content.repository.RepositoryName;
import io.registry.features.search.RepositorySearch;
import io.registry.features.search.SearchResult;
import io.registry.features.search.SearchResults;
import io.registry.upstream.mirror.SourceResult;
import io.registry.upstream.mirror.SourceSearch;
import io.registry.web.access.AccessFilter;
import io.registry.web.access.RequestLimits;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves {@code docker search} (protocol 2.4, 9.7), with the Hub's paging. */
@RestController
@ConditionalOnProperty(prefix = "registry.search", name = "enabled")
class SearchController {
  private static final int DEFAULT_SIZE = 25;
  private static final int MAX_SIZE = 100;
  private static final int MAX_PAGE = 1_000_000_000;
  private static final SourceSearch.Results NOTHING_MORE = new SourceSearch.Results(0, List.of());
  private static final Pattern POSITIVE = Pattern.compile("0*[1-9][0-9]*");

  private final RepositorySearch search;
  private final AccessPolicy policy;
  private final RequestLimits limits;
  private final V1Responses responses;
  private final Optional<SourceSearch> source;

  SearchController(
      RepositorySearch search,
      AccessPolicy policy,
      RequestLimits limits,
      V1Responses responses,
      ObjectProvider<SourceSearch> source) {
    this.source = source.stream().findFirst();
    this.search = search;
    this.policy = policy;
    this.limits = limits;
    this.responses = responses;
  }

  @GetMapping("/v1/search")
  ResponseEntity<byte[]> search(
      @AuthenticationPrincipal Caller caller, HttpServletRequest request) {
    limits.count(request, caller);
    ReadScope scope = policy.scope(caller);
    // Podman sends credentials only after a 401, so even an empty answer would keep it from trying.
    // Docker's daemon sends its credentials with the first request, and reports a 401 as an error.
    if (caller instanceof Caller.Anonymous && !isDaemon(request) && !search.hasAny(scope)) {
      throw AccessFilter.unauthenticated();
    }
    String term = Optional.ofNullable(request.getParameter("q")).orElse("");
    int page = number(request, "page", 1, MAX_PAGE);
    int size = number(request, "n", DEFAULT_SIZE, MAX_SIZE);
    SearchResults found = search.find(term, scope, (page - 1L) * size, size);
    List<Map<String, Object>> shown =
        new ArrayList<>(
            found.some().stream()
                .filter(result -> mayRead(caller, result.repository()))
                .map(SearchController::rendered)
                .toList());
    // What was left out must not be counted either: the number alone tells that there is something.
    long local = found.total() - (found.some().size() - shown.size());
    // The source is searched with the registry's credentials: only callers that see everything may
    // see its results.
    SourceSearch.Results more =
        source
            .filter(there -> scope.all())
            .map(there -> there.find(term, beyond(found, page, size), size - shown.size()))
            .orElse(NOTHING_MORE);
    // A repository that exists here is described by its local data.
    Set<RepositoryName> here =
        search.known(more.some().stream().map(SourceResult::repository).toList());
    more.some().stream()
        .filter(result -> !here.contains(result.repository()))
        .map(SearchController::rendered)
        .forEach(shown::add);
    long total = local + more.total();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("num_pages", (total + size - 1) / size);
    answer.put("num_results", total);
    answer.put("page", page);
    answer.put("page_size", size);
    answer.put("query", term);
    answer.put("results", shown);
    return responses.ok(answer);
  }

  private static boolean isDaemon(HttpServletRequest request) {
    return Optional.ofNullable(request.getHeader(HttpHeaders.USER_AGENT))
        .filter(agent -> agent.startsWith("docker/"))
        .isPresent();
  }

  // In the pages, results of the source follow all local results.
  private static long beyond(SearchResults here, int page, int size) {
    return Math.max(0, (page - 1L) * size - here.total());
  }

  // The index may not know yet that a repository has become private or a role was removed.
  private boolean mayRead(Caller caller, RepositoryName repository) {
    return policy.decide(caller, repository, Action.READ) == Decision.ALLOWED;
  }

  private static Map<String, Object> rendered(SourceResult result) {
    return Map.of(
        "name",
        result.repository().toString(),
        "description",
        result.description(),
        "is_official",
        result.official(),
        "is_automated",
        result.automated(),
        "is_trusted",
        result.automated(),
        "star_count",
        result.stars());
  }

  // Of the fields that clients decode, those that have a value here and those that clients require.
  private static Map<String, Object> rendered(SearchResult result) {
    RepositoryName repository = result.repository();
    return Map.of(
        "name",
        repository.toString(),
        "description",
        result.description(),
        "is_official",
        repository.namespace().equals(RepositoryName.DEFAULT_NAMESPACE),
        "is_automated",
        false,
        "is_trusted",
        false,
        "star_count",
        0);
  }

  // An invalid number counts as absent: the original ignored it, and no client could show a
  // refusal.
  private static int number(HttpServletRequest request, String name, int otherwise, int most) {
    return Optional.ofNullable(request.getParameter(name))
        .filter(text -> POSITIVE.matcher(text).matches())
        .map(text -> text.replaceFirst("^0+", ""))
        .map(text -> text.length() > 9 ? most : Math.min(most, Integer.parseInt(text)))
        .orElse(otherwise);
  }
}
