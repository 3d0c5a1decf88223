package io.registry.web.api;

import io.registry.auth.Caller;
import io.registry.search.SearchIndexer;
import io.registry.search.SearchStatus;
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

/** The index that search answers from. Without accounts everybody may do that. */
@RestController
@RequestMapping(path = "/api/search", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnProperty(prefix = "registry.search", name = "enabled")
class SearchIndexController {
  private final SearchIndexer indexer;

  SearchIndexController(SearchIndexer indexer) {
    this.indexer = indexer;
  }

  record SearchIndex(
      @Schema(description = "Whether it says what the store says") SearchStatus.State state,
      @Schema(description = "How many repositories it knows of") int repositories,
      @Schema(description = "How many the scan of the process that answers has come by")
          long scanned,
      @Schema(description = "How many have changed and are to be looked at") int waiting) {}

  @GetMapping
  @Operation(summary = "Tells how the search index is doing. For admins")
  SearchIndex get(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    return shown();
  }

  @PostMapping(path = "/rebuild", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  @Operation(
      summary =
          "Has the whole store looked at for the search index, which goes on being used. After a"
              + " scan that runs already comes another one. For admins")
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
