package io.registry.contents;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;

/** What clients are told of layers that cannot be listed. */
final class LayerRefusals {
  private LayerRefusals() {}

  /** It is no archive, or one that is broken; in the words of the original (protocol 2.2). */
  static RegistryException broken(Throwable cause) {
    return new RegistryException(Problem.INVALID, "Layer format not supported", cause);
  }

  /** It is more than this registry is set to read. */
  static RegistryException tooMuch(String what) {
    return new RegistryException(Problem.INVALID, "The layer is not listed: " + what);
  }
}
