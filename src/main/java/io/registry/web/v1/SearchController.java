package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Action;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.auth.Sight;
import io.registry.repository.RepositoryName;
import io.registry.search.RepositorySearch;
import io.registry.search.SearchResult;
import io.registry.search.SearchResults;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What {@code docker search} asks (protocol 2.4, 9.7), with the pages of the Hub. */
@RestController
@ConditionalOnProperty(prefix = "registry.search", name = "enabled")
class SearchController {
  private static final int DEFAULT_SIZE = 25;
  private static final int MAX_SIZE = 100;
  private static final int MAX_PAGE = 1_000_000_000;
  private static final Pattern POSITIVE = Pattern.compile("0*[1-9][0-9]*");

  private final RepositorySearch search;
  private final AccessPolicy policy;
  private final RequestLimits limits;
  private final V1Responses responses;

  SearchController(
      RepositorySearch search, AccessPolicy policy, RequestLimits limits, V1Responses responses) {
    this.search = search;
    this.policy = policy;
    this.limits = limits;
    this.responses = responses;
  }

  @GetMapping("/v1/search")
  ResponseEntity<byte[]> search(
      @AuthenticationPrincipal Caller caller, HttpServletRequest request) {
    limits.count(request, caller);
    Sight sight = policy.sight(caller);
    // An answer, even an empty one, would keep podman from asking once more with credentials.
    if (caller instanceof Caller.Anonymous && !search.hasAny(sight)) {
      throw AccessFilter.unauthenticated();
    }
    String term = Optional.ofNullable(request.getParameter("q")).orElse("");
    int page = number(request, "page", 1, MAX_PAGE);
    int size = number(request, "n", DEFAULT_SIZE, MAX_SIZE);
    SearchResults found = search.find(term, sight, (page - 1L) * size, size);
    List<SearchResult> shown =
        found.some().stream().filter(result -> mayRead(caller, result.repository())).toList();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("num_pages", (found.total() + size - 1) / size);
    answer.put("num_results", found.total());
    answer.put("page", page);
    answer.put("page_size", size);
    answer.put("query", term);
    answer.put("results", shown.stream().map(SearchController::rendered).toList());
    return responses.ok(answer);
  }

  // The index may not have heard yet that a repository is private, or somebody's role is gone.
  private boolean mayRead(Caller caller, RepositoryName repository) {
    return policy.decide(caller, repository, Action.READ) == Decision.ALLOWED;
  }

  // Of the fields that clients decode, those that say something here and those that they miss.
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

  // What is no number, or none that makes sense, is as if it were not there: the original did not
  // look at it, and no client could say anything of a refusal.
  private static int number(HttpServletRequest request, String name, int otherwise, int most) {
    return Optional.ofNullable(request.getParameter(name))
        .filter(text -> POSITIVE.matcher(text).matches())
        .map(text -> text.replaceFirst("^0+", ""))
        .map(text -> text.length() > 9 ? most : Math.min(most, Integer.parseInt(text)))
        .orElse(otherwise);
  }
}
