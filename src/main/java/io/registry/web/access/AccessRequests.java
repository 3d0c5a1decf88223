package io.registry.web.access;

import io.registry.auth.AccessPolicy;
import io.registry.auth.AccessRequest;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.util.Optional;

/** Tells what the requests of a protocol are about, if somebody's leave is needed. */
@FunctionalInterface
public interface AccessRequests {

  /**
   * What a request is about.
   *
   * @param method the method
   * @param path the path in its one spelling, percent-encoded
   * @return nothing when it needs nobody's leave
   * @throws RegistryException when it names a repository by what is no name
   */
  Optional<AccessRequest> of(String method, String path);

  /**
   * Decides about a request.
   *
   * @param target what it is about
   * @param policy decides, as far as the protocol leaves it to it
   * @param caller who sends it
   */
  default Decision decide(AccessRequest target, AccessPolicy policy, Caller caller) {
    return target.decide(policy, caller);
  }

  /**
   * What those are told who may not know that there is such a thing: the same as if there were
   * none.
   *
   * @param target what the request is about
   */
  default RegistryException hidden(AccessRequest target) {
    return new RegistryException(
        Problem.NOT_FOUND,
        target instanceof AccessRequest.OfImage ? "Image not found" : "Repository not found");
  }
}
