package io.registry.features.events;

import java.time.Instant;

/**
 * A message that this process has claimed for delivery.
 *
 * @param id its position in the order
 * @param claim identifies this process's claim
 * @param message the message
 * @param begun since when delivery is attempted
 * @param attempts the number of attempts, including the next one
 */
record Delivery(long id, String claim, Message message, Instant begun, int attempts) {}
