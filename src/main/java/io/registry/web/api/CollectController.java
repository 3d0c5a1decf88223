package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.operations.collect.CollectReport;
import io.registry.operations.collect.CollectStatus;
import io.registry.operations.collect.CollectTask;
import io.registry.operations.collect.Collector;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows and begins collections of garbage. With accounts for admins, without accounts for any
 * client.
 */
@RestController
@RequestMapping(path = "/api/gc", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnBooleanProperty(prefix = "registry.gc", name = "enabled")
class CollectController {
  private final Collector collector;
  private final CollectTask task;

  CollectController(Collector collector, CollectTask task) {
    this.collector = collector;
    this.task = task;
  }

  record Collections(
      @Schema(description = "What the registry does, or waits for") CollectStatus.State state,
      @Schema(description = "How many things the current collection has condemned") int condemned,
      @Schema(description = "When they are removed at the earliest; empty for no collection")
          String removableAt,
      @Schema(description = "Why the last attempt removed nothing; empty when it did")
          String refusal,
      @Schema(description = "The last complete collections, the last one first")
          List<CollectReport> last) {}

  @GetMapping
  @Operation(summary = "Shows how far the collections of garbage are. For admins")
  Collections get(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    CollectStatus status = collector.status();
    return new Collections(
        status.state(),
        status.condemned(),
        status.removableAt().map(Object::toString).orElse(""),
        status.refusal(),
        status.last());
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  @Operation(
      summary = "Begins a collection of garbage within seconds, unless there is one. For admins")
  void begin(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    task.request();
  }

  @PutMapping(path = "/pause", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Pauses all collections of the store. For admins")
  void pause(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    collector.pause(true);
  }

  @DeleteMapping("/pause")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Lets collections of the store go on. For admins")
  void goOn(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    collector.pause(false);
  }
}
