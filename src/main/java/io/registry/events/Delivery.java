package io.registry.events;

import java.time.Instant;

/**
 * A message that this process is to deliver now, and no other.
 *
 * @param id its place in the order
 * @param claim proves that it is this process that delivers it
 * @param message what is sent
 * @param begun since when it is tried
 * @param attempts how often, with the attempt that is to be made now
 */
record Delivery(long id, String claim, Message message, Instant begun, int attempts) {}
