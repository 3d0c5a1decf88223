package io.registry.image;

import io.registry.storage.BlobKey;
import java.util.List;

/**
 * An image that was verified and waits to be published.
 *
 * @param id the image
 * @param folder where its layer lies; becomes the image's folder
 * @param json its description, byte for byte as it came
 * @param ancestry the image first, the base image last
 * @param checksums what its checksum file will hold
 */
@SuppressWarnings("ArrayRecordComponent")
record StagedImage(
    ImageId id, BlobKey folder, byte[] json, List<ImageId> ancestry, List<Checksum> checksums) {}
