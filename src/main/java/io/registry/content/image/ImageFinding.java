package io.registry.content.image;

/**
 * Data of an image that was read from the store.
 *
 * @param value the data
 * @param isWhole whether it is certainly data of a complete image with its layer, so that it can
 *     change only when the layer is lost and the image is pushed again
 * @param <V> the type of the data
 */
public record ImageFinding<V>(V value, boolean isWhole) {}
