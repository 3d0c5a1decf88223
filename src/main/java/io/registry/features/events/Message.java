package io.registry.features.events;

/**
 * A message to webhooks.
 *
 * @param id the same for each webhook and each attempt
 * @param subject the event in a few words
 * @param body the body to send
 */
record Message(String id, String subject, String body) {}
