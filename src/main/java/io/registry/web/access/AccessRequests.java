package io.registry.web.access;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.platform.problem.RegistryException;
import java.util.Optional;

/** Reads from the requests of a protocol what access they need. */
@FunctionalInterface
public interface AccessRequests {

  /**
   * The access that a request needs.
   *
   * @param method the method
   * @param path the path in its one spelling, percent-encoded
   * @return nothing when the request needs no access
   * @throws RegistryException when it names a repository by what is no name
   */
  Optional<AccessRequest> of(String method, String path);

  /**
   * Decides about a request.
   *
   * @param target the subject of the request
   * @param policy the policy of the registry
   * @param caller the sender
   */
  default Decision decide(AccessRequest target, AccessPolicy policy, Caller caller) {
    return target.decide(policy, caller);
  }
}
