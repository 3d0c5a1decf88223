package io.registry.web.access;

import io.registry.auth.AccessRequest;
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
}
