package io.registry.web.v2;

/** The codes of errors (OCI distribution-spec, error codes) that the server answers. */
enum ErrorCode {
  BLOB_UNKNOWN,
  DENIED,
  DIGEST_INVALID,
  MANIFEST_UNKNOWN,
  NAME_INVALID,
  NAME_UNKNOWN,
  PAGINATION_NUMBER_INVALID,
  TOOMANYREQUESTS,
  UNAUTHORIZED,
  UNAVAILABLE,
  UNKNOWN,
  UNSUPPORTED
}
