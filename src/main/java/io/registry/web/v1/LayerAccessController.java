package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Action;
import io.registry.auth.Caller;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.Decision;
import io.registry.auth.IndexMode;
import io.registry.image.ImageId;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What registries ask their index about an image of another repository (protocol 2.5). */
@RestController
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class LayerAccessController {
  private final AccessPolicy policy;
  private final V1Responses responses;

  LayerAccessController(AccessPolicy policy, V1Responses responses) {
    this.policy = policy;
    this.responses = responses;
  }

  @GetMapping("/v1/repositories/{namespace}/{name}/layer/{id}/access")
  ResponseEntity<byte[]> get(@PathVariable ImageId id, @AuthenticationPrincipal Caller caller) {
    boolean access =
        policy.decide(caller, id, Action.READ) == Decision.ALLOWED || policy.mayBuildOn(caller, id);
    return responses.ok(Map.of("access", access));
  }
}
