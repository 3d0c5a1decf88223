package io.registry.content.image;

/**
 * The event that an image was completed: its layer is verified.
 *
 * @param image the image
 */
public record ImagePushed(ImageId image) {}
