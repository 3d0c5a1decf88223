package io.registry.web.v2;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Action;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.repository.RepositoryName;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;

/** Decides from which repositories a client may mount blobs: from those that it may read. */
@Component
@ConditionalOnV2
final class MountSources {
  private final AccessPolicy policy;

  MountSources(AccessPolicy policy) {
    this.policy = policy;
  }

  boolean mayRead(Caller caller, RepositoryName source, HttpServletRequest request) {
    return policy.decide(caller, source, Action.READ) == Decision.ALLOWED;
  }
}
