package io.registry.web.api;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.content.repository.RepositoryName;
import io.registry.content.retention.Verdict;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.RetentionRun;
import io.registry.service.RetentionService;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Shows what the rules of retention say of tags, and applies them. */
@RestController
@RequestMapping(path = "/api", produces = MediaType.APPLICATION_JSON_VALUE)
class RetentionController {
  private final RetentionService retention;
  private final RetentionRun run;
  private final AccessPolicy policy;

  RetentionController(RetentionService retention, RetentionRun run, AccessPolicy policy) {
    this.retention = retention;
    this.run = run;
    this.policy = policy;
  }

  record JudgedTag(
      String tag,
      @Schema(description = "Whether the tag stays") boolean kept,
      @Schema(description = "The rule that keeps it, or the rules that do not; absent for neither")
          @Nullable String rule,
      @Schema(description = "Why, for people") String reason,
      @Schema(description = "When it was set last; absent when that is not known")
          @Nullable Instant pushed,
      @Schema(description = "When it was pulled last, to the hour; absent when it was not")
          @Nullable Instant pulled) {}

  record Judgement(List<JudgedTag> tags) {}

  record RetentionState(
      boolean running,
      @Schema(description = "When the last run of this server began; absent when there was none")
          @Nullable Instant started,
      @Schema(description = "When it ended; absent while it goes on") @Nullable Instant finished,
      @Schema(description = "How many tags stayed") long kept,
      @Schema(description = "How many tags were removed") long removed,
      @Schema(description = "Why it broke off; absent when it did not") @Nullable String failure) {}

  @GetMapping("/repositories/{namespace}/{name}/retention")
  @Operation(
      summary =
          "Says of each tag which rule of retention keeps or removes it, and removes nothing. For"
              + " callers that may push to the repository")
  Judgement judge(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller) {
    RepositoryName repository = new RepositoryName(namespace, name);
    if (policy.decide(caller, repository, Action.WRITE) != Decision.ALLOWED) {
      throw new RegistryException(Problem.NOT_FOUND, "Repository not found");
    }
    return new Judgement(
        retention.judge(repository).stream().map(RetentionController::shown).toList());
  }

  private static JudgedTag shown(Verdict verdict) {
    return new JudgedTag(
        verdict.facts().tag().value(),
        verdict.isKept(),
        verdict.rule().isEmpty() ? null : verdict.rule(),
        verdict.reason(),
        verdict.facts().pushed().orElse(null),
        verdict.facts().pulled().orElse(null));
  }

  @GetMapping("/retention")
  @Operation(summary = "Shows how the last run of the rules of retention went. For admins")
  RetentionState get(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    return state();
  }

  @PostMapping(path = "/retention", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  @Operation(
      summary =
          "Begins to remove the tags of all repositories that the rules of retention do not keep."
              + " For admins")
  @ApiResponse(responseCode = "409", description = "A run is under way")
  ResponseEntity<RetentionState> begin(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    if (!run.begin()) {
      throw new RegistryException(Problem.CONFLICT, "A run is under way");
    }
    return ResponseEntity.accepted().body(state());
  }

  private RetentionState state() {
    RetentionRun.Status status = run.status();
    return new RetentionState(
        status.started().isPresent() && status.finished().isEmpty(),
        status.started().orElse(null),
        status.finished().orElse(null),
        status.kept(),
        status.removed(),
        status.failure().isEmpty() ? null : status.failure());
  }
}
