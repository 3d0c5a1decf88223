package io.registry.auth;

/** What is to be thought of the {@code X-Signature} of a request (protocol 4.5). */
public sealed interface PrivilegedSignature {

  /** There is none, or no key that could have made it: the request is like any other. */
  record None() implements PrivilegedSignature {}

  /**
   * It is not written as a signature is.
   *
   * @param reason what is wrong, for the client
   */
  record Malformed(String reason) implements PrivilegedSignature {}

  /**
   * No key has made it, or it does not count any more.
   *
   * @param reason why, for the audit and the client
   */
  record Refused(String reason) implements PrivilegedSignature {}

  /**
   * One of the keys has made it.
   *
   * @param caller the owner of the key
   */
  record Valid(Caller.Privileged caller) implements PrivilegedSignature {}
}
