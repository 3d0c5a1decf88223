package io.registry.content.image;

/**
 * The client of a push, as far as the protocol can distinguish clients.
 *
 * @param identity equal for two requests that may come from the same client: an account and a
 *     repository, or what a request without an account reveals of its sender
 * @param client the account or the address whose share of the store the uploads use
 * @param rights what the client may know of existing images
 */
public record Pusher(String identity, String client, PushRights rights) {

  /** A client that may know of all images. */
  public Pusher(String identity) {
    this(identity, identity, PushRights.OPEN);
  }
}
