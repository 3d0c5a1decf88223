package io.registry.content.manifest;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;

/** Refuses a request of an upload; the reason tells protocols which status and code to answer. */
public final class UploadRefusal extends RegistryException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why a request is refused. */
  public enum Reason {
    /** The client has no such upload. */
    UNKNOWN,
    /** The bytes are not those of the digest. */
    DIGEST,
    /** The part does not begin where the upload ends. */
    RANGE,
    /** The part has another length than the client says, or another request is under way. */
    INVALID
  }

  UploadRefusal(Reason reason, String text) {
    super(reason == Reason.UNKNOWN ? Problem.NOT_FOUND : Problem.INVALID, Subject.UPLOAD, text);
    this.reason = reason;
  }

  /** Why the request is refused. */
  public Reason reason() {
    return reason;
  }
}
