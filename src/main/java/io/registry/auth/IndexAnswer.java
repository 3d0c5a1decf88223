package io.registry.auth;

/**
 * An HTTP response of the remote index.
 *
 * @param status the HTTP status
 * @param body the whole body
 */
@SuppressWarnings("ArrayRecordComponent")
record IndexAnswer(int status, byte[] body) {}
