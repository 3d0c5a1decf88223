package io.registry.features.events;

import java.time.Instant;

/**
 * An event whose delivery to a webhook was given up.
 *
 * @param id its id among the dead letters, which are ordered by it
 * @param webhook the name of the webhook
 * @param message the id of the message to the webhook
 * @param subject the event in a few words
 * @param created when it happened
 * @param attempts how many times delivery was attempted
 * @param failure the result of the last attempt
 */
public record DeadLetter(
    long id,
    String webhook,
    String message,
    String subject,
    Instant created,
    int attempts,
    String failure) {}
