package io.registry.events;

import java.time.Instant;

/**
 * An event that a webhook was not told.
 *
 * @param id its id among the dead letters, which are in the order of these
 * @param webhook the name of the webhook
 * @param message the id that the webhook was shown
 * @param subject what happened, in a few words
 * @param created when it happened
 * @param attempts how often it was tried
 * @param failure how the last attempt ended
 */
public record DeadLetter(
    long id,
    String webhook,
    String message,
    String subject,
    Instant created,
    int attempts,
    String failure) {}
