package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.features.events.ConditionalOnWebhooks;
import io.registry.features.events.DeadLetter;
import io.registry.features.events.DeadLetters;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Manages events that could not be delivered to webhooks. With accounts it is for admins of the
 * registry; without accounts any client may use it, so that neither the payload nor the URL is
 * shown.
 */
@RestController
@RequestMapping(path = "/api/events/dead-letters", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode({IndexMode.STANDALONE, IndexMode.EMBEDDED})
@ConditionalOnWebhooks
class DeadLettersController {
  private final DeadLetters letters;

  DeadLettersController(DeadLetters letters) {
    this.letters = letters;
  }

  record Letter(
      String id,
      String webhook,
      @Schema(description = "The id of the message to the webhook") String message,
      @Schema(description = "The event") String subject,
      Instant created,
      @Schema(description = "How many times it was sent") int attempts,
      @Schema(description = "The result of the last attempt") String failure) {

    static Letter of(DeadLetter letter) {
      return new Letter(
          String.valueOf(letter.id()),
          letter.webhook(),
          letter.message(),
          letter.subject(),
          letter.created(),
          letter.attempts(),
          letter.failure());
    }
  }

  record LetterPage(
      List<Letter> letters, @Schema(description = PageRequest.NEXT) @Nullable String next) {}

  @GetMapping
  @Operation(
      summary =
          "Lists the events that were not delivered to webhooks, the oldest first. For"
              + " admins of the registry; without accounts for every client")
  LetterPage list(
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = PageRequest.DEFAULT_LIMIT) int limit,
      @AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    PageRequest page = new PageRequest(after, limit);
    List<Letter> found =
        letters.list(after.isEmpty() ? 0 : id(after), limit).stream().map(Letter::of).toList();
    return new LetterPage(found, page.next(found, Letter::id));
  }

  @PostMapping(path = "/{id}/retry", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary =
          "Delivers an event again, before all others that wait for its webhook. For admins"
              + " of the registry; without accounts for every client")
  void retry(@PathVariable String id, @AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    requireFound(letters.retry(id(id)));
  }

  @DeleteMapping("/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary =
          "Removes an event that was not delivered. For admins of the registry; without"
              + " accounts for every client")
  void remove(@PathVariable String id, @AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    requireFound(letters.remove(id(id)));
  }

  private static long id(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new RegistryException(Problem.NOT_FOUND, "Dead letter not found", e);
    }
  }

  private static void requireFound(boolean found) {
    if (!found) {
      throw new RegistryException(Problem.NOT_FOUND, "Dead letter not found");
    }
  }
}
