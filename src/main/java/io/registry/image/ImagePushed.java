package io.registry.image;

/**
 * An image was finished: its layer is what its pusher meant to send.
 *
 * @param image the image
 */
public record ImagePushed(ImageId image) {}
