package io.registry.events;

/**
 * What webhooks are told.
 *
 * @param id the same for each webhook and each attempt
 * @param subject what it is about, in a few words
 * @param body what is sent
 */
record Message(String id, String subject, String body) {}
