package io.registry.image;

/**
 * The client that pushes, as far as a protocol can tell one client from another.
 *
 * @param identity equal for two requests that may come from the same client: an account and a
 *     repository, or what a request without an account shows of its sender
 * @param client the account or the address on whose share the uploads count
 * @param rights what the client may know of
 */
public record Pusher(String identity, String client, PushRights rights) {

  /** A client that may know of everything. */
  public Pusher(String identity) {
    this(identity, identity, PushRights.OPEN);
  }
}
