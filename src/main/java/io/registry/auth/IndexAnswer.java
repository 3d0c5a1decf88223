package io.registry.auth;

/**
 * What the index answered with.
 *
 * @param status the status of HTTP
 * @param body the whole body
 * @param token the token that it gives; empty when it gives none
 */
@SuppressWarnings("ArrayRecordComponent")
record IndexAnswer(int status, byte[] body, String token) {}
