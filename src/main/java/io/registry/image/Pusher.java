package io.registry.image;

/**
 * Whoever pushes, as far as a protocol can tell one from another.
 *
 * @param identity equal for two requests that may come from the same client; compared only, never
 *     trusted
 * @param rights what it may know of
 */
public record Pusher(String identity, PushRights rights) {

  /** Somebody who may know of everything. */
  public Pusher(String identity) {
    this(identity, PushRights.OPEN);
  }
}
