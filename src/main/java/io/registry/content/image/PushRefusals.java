package io.registry.content.image;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;

/** The error texts of pushes; most of them are the original's. */
final class PushRefusals {
  private PushRefusals() {}

  static RegistryException unknown() {
    return new RegistryException(Problem.NOT_FOUND, Subject.IMAGE, "Image not found");
  }

  static RegistryException exists() {
    return new RegistryException(Problem.CONFLICT, Subject.IMAGE, "Image already exists");
  }

  static RegistryException checksumOfExisting() {
    return new RegistryException(Problem.CONFLICT, "Cannot set this image checksum");
  }

  static RegistryException withoutLayer() {
    return new RegistryException(
        Problem.INVALID, "The layer has not been uploaded yet: send it before its checksum");
  }

  static RegistryException mismatch() {
    return new RegistryException(Problem.INVALID, "Checksum mismatch");
  }

  static RegistryException noTar(Exception cause) {
    return new RegistryException(
        Problem.INVALID, "The layer is not a tar that a tarsum can be computed of", cause);
  }

  // Without accounts no client is refused an image that it may read, and no account frees an id.
  static RegistryException otherImage(PushRights rights) {
    String text = "Another image has this id";
    return new OtherImageException(
        rights.isOpen()
            ? text
            : text
                + ", which was pushed first: an admin, or the owner of its namespace, can free the id");
  }

  static RegistryException brokeOff(Exception cause) {
    return new RegistryException(
        Problem.INVALID, "The layer broke off before its end and was not kept", cause);
  }
}
