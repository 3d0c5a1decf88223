package io.registry.mirror;

import io.registry.image.Checksum;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the source says of an image.
 *
 * @param size of its layer in bytes, if it tells that
 * @param checksums of its layer; none when it tells none
 */
record SourceImage(OptionalLong size, List<Checksum> checksums) {}
