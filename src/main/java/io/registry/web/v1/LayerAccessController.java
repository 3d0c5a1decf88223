package io.registry.web.v1;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.Decision;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.ImageClaims;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * Answers registries that use this one as their index and ask about access to images (protocol
 * 2.5). To them an image belongs to the repositories that list it, because they store the bytes and
 * the tags themselves.
 */
@RestController
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class LayerAccessController {
  private final AccessPolicy policy;
  private final ImageClaims claims;
  private final V1Responses responses;

  LayerAccessController(AccessPolicy policy, ImageClaims claims, V1Responses responses) {
    this.policy = policy;
    this.claims = claims;
    this.responses = responses;
  }

  @GetMapping("/v1/repositories/{namespace}/{name}/layer/{id}/access")
  ResponseEntity<byte[]> get(
      @PathVariable String namespace,
      @PathVariable String name,
      @PathVariable ImageId id,
      @AuthenticationPrincipal Caller caller) {
    RepositoryName repository = new RepositoryName(namespace, name);
    boolean access =
        claims.state(repository, id).isPresent()
            || policy.decide(caller, id, Action.READ) == Decision.ALLOWED
            || policy.mayBuildOn(caller, id);
    return responses.ok(Map.of("access", access));
  }
}
