package io.registry.content.image;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;

/** The id of a pushed image belongs to another image. */
public final class OtherImageException extends RegistryException {
  private static final long serialVersionUID = 1L;

  OtherImageException(String message) {
    super(Problem.CONFLICT, message);
  }
}
