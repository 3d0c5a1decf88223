package io.registry.web.v2;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;

/** A refusal that says which error code clients get. */
final class V2Exception extends RegistryException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  V2Exception(Problem problem, ErrorCode code, String message) {
    super(problem, message);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }
}
