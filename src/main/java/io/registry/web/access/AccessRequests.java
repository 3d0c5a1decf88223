package io.registry.web.access;

import io.registry.auth.AccessRequest;
import io.registry.problem.RegistryException;
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
}
