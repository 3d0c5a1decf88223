package io.registry.content.files;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;

/** The error texts for layers that cannot be listed. */
final class LayerRefusals {
  private LayerRefusals() {}

  /** The layer is not an archive, or is damaged; in the words of the original (protocol 2.2). */
  static RegistryException broken(Throwable cause) {
    return new RegistryException(Problem.INVALID, "Layer format not supported", cause);
  }

  /** The layer exceeds a configured limit. */
  static RegistryException tooMuch(String what) {
    return new TooMuchException(what, false);
  }

  /** Reading it takes longer than the server is set to read. */
  static RegistryException tooSlow(String what) {
    return new TooMuchException(what, true);
  }

  /** The layer has more than the server is set to read. */
  static final class TooMuchException extends RegistryException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final boolean slow;

    private TooMuchException(String reason, boolean slow) {
      super(Problem.INVALID, "The layer is not listed: " + reason);
      this.reason = reason;
      this.slow = slow;
    }

    /** Whether another attempt may succeed, because the machine was slow. */
    boolean isSlow() {
      return slow;
    }

    /** What the layer has too much of. */
    String reason() {
      return reason;
    }
  }
}
