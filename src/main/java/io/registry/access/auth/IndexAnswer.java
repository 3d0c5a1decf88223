package io.registry.access.auth;

/**
 * An HTTP response of the remote index.
 *
 * @param status the HTTP status
 * @param body the whole body
 * @param token the token that it gives; empty when it gives none
 */
@SuppressWarnings("ArrayRecordComponent")
record IndexAnswer(int status, byte[] body, String token) {}
