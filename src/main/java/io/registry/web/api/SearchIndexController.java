package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.features.search.SearchIndexer;
import io.registry.features.search.SearchStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows and rebuilds the search index. With accounts for admins, without accounts for any client.
 */
@RestController
@RequestMapping(path = "/api/search", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnProperty(prefix = "registry.search", name = "enabled")
class SearchIndexController {
  private final SearchIndexer indexer;

  SearchIndexController(SearchIndexer indexer) {
    this.indexer = indexer;
  }

  record SearchIndex(
      @Schema(description = "Whether the index agrees with the store") SearchStatus.State state,
      @Schema(description = "How many repositories it contains") int repositories,
      @Schema(description = "How many repositories the current scan of this process has read")
          long scanned,
      @Schema(description = "How many changed repositories wait to be read") int waiting) {}

  @GetMapping
  @Operation(summary = "Shows the state of the search index. For admins")
  SearchIndex get(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    return shown();
  }

  @PostMapping(path = "/rebuild", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  @Operation(
      summary =
          "Starts a scan of the whole store for the search index, which stays in use"
              + " meanwhile. If a scan is running, another one follows it. For admins")
  ResponseEntity<SearchIndex> rebuild(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    indexer.rebuild();
    return ResponseEntity.accepted().body(shown());
  }

  private SearchIndex shown() {
    SearchStatus status = indexer.status();
    return new SearchIndex(
        status.state(), status.repositories(), status.scanned(), status.waiting());
  }
}
