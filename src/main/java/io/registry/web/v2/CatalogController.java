package io.registry.web.v2;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ReadScope;
import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.json.JsonCodec;
import io.registry.web.http.AnswerHeaders;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The repositories that the client may read (Docker Registry V2, catalog). */
@RestController
@ConditionalOnV2
class CatalogController {
  private static final String PATH = V2AccessRequests.CATALOG;

  private final Repositories repositories;
  private final RepositoryVisibility visibility;
  private final AccessPolicy policy;
  private final JsonCodec codec;

  CatalogController(
      Repositories repositories,
      RepositoryVisibility visibility,
      AccessPolicy policy,
      JsonCodec codec) {
    this.repositories = repositories;
    this.visibility = visibility;
    this.policy = policy;
    this.codec = codec;
  }

  @GetMapping(PATH)
  ResponseEntity<byte[]> list(
      @RequestParam(defaultValue = "") String n,
      @RequestParam(defaultValue = "") String last,
      @AuthenticationPrincipal Caller caller) {
    int limit = ListPage.limit(n, ListPage.MOST);
    ReadScope scope = policy.scope(caller);
    ListPage page;
    try (Stream<RepositoryName> all = repositories.names()) {
      page =
          ListPage.of(
              all.filter(name -> isVisible(name, scope))
                  .flatMap(name -> V2Names.name(name).stream()),
              limit,
              last);
    }
    HttpHeaders headers = AnswerHeaders.uncached();
    if (page.more()) {
      headers.set(HttpHeaders.LINK, page.link(PATH, limit));
    }
    return ResponseEntity.ok()
        .headers(headers)
        .contentType(MediaType.APPLICATION_JSON)
        .body(codec.render(Map.of("repositories", existing(page))));
  }

  // A folder may be left of a repository that was removed.
  private List<String> existing(ListPage page) {
    return page.names().stream()
        .filter(name -> repositories.exists(RepositoryName.parse(name)))
        .toList();
  }

  private boolean isVisible(RepositoryName name, ReadScope scope) {
    return scope.includes(name, true)
        || (scope.includes(name, false) && !visibility.isPrivate(name));
  }
}
