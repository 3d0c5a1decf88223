package io.registry.contents;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;

/** The error texts for layers that cannot be listed. */
final class LayerRefusals {
  private LayerRefusals() {}

  /** The layer is not an archive, or is damaged; in the words of the original (protocol 2.2). */
  static RegistryException broken(Throwable cause) {
    return new RegistryException(Problem.INVALID, "Layer format not supported", cause);
  }

  /** The layer exceeds a configured limit. */
  static RegistryException tooMuch(String what) {
    return new RegistryException(Problem.INVALID, "The layer is not listed: " + what);
  }
}
