package io.registry.auth;

/**
 * What the index answered with.
 *
 * @param status the status of HTTP
 * @param body the whole body
 */
@SuppressWarnings("ArrayRecordComponent")
record IndexAnswer(int status, byte[] body) {}
