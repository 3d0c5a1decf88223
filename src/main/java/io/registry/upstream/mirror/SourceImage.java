package io.registry.upstream.mirror;

import io.registry.content.image.Checksum;
import java.util.List;
import java.util.OptionalLong;

/**
 * The metadata of an image at the source.
 *
 * @param size the size of its layer in bytes, if the source tells it
 * @param checksums the checksums of its layer; empty when the source tells none
 */
record SourceImage(OptionalLong size, List<Checksum> checksums) {}
