package io.registry.access.auth;

/** The result of checking the {@code X-Signature} of a request (protocol 4.5). */
public sealed interface PrivilegedSignature {

  /** The request has no signature, or there are no keys: the request is treated like any other. */
  record None() implements PrivilegedSignature {}

  /**
   * The header is malformed.
   *
   * @param reason what is wrong, for the client
   */
  record Malformed(String reason) implements PrivilegedSignature {}

  /**
   * No key made the signature, or it is not valid any more.
   *
   * @param reason why, for the audit and the client
   */
  record Refused(String reason) implements PrivilegedSignature {}

  /**
   * One of the keys made the signature.
   *
   * @param caller the owner of the key
   */
  record Valid(Caller.Privileged caller) implements PrivilegedSignature {}
}
