package io.registry.image;

/**
 * What a look into the store has found of an image.
 *
 * @param value what was found
 * @param isWhole whether it is certainly that of a finished image with its layer, so that it can
 *     change only when the layer is lost and the image is pushed anew
 * @param <V> what it is
 */
public record ImageFinding<V>(V value, boolean isWhole) {}
