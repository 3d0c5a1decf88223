package io.registry.platform.problem;

/** What a refusal is about, for protocols whose errors name it. */
public enum Subject {
  /** A repository, or its name. */
  REPOSITORY,
  /** A tag, or its name. */
  TAG,
  /** An image of V1, or its id. */
  IMAGE,
  /** A manifest. */
  MANIFEST,
  /** A signature of a manifest. */
  SIGNATURE,
  /** A blob, or its digest. */
  BLOB,
  /** An upload of a blob. */
  UPLOAD,
  /** Anything else, or the request as a whole. */
  OTHER
}
