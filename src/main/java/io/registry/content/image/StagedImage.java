package io.registry.content.image;

import io.registry.storage.BlobKey;
import java.util.List;

/**
 * A verified image that is ready to be published.
 *
 * @param id the image
 * @param folder the folder of its layer, which becomes the image's folder
 * @param json its JSON, byte for byte as it was received
 * @param ancestry the image first, the base image last
 * @param checksums the content of its checksum file
 */
@SuppressWarnings("ArrayRecordComponent")
record StagedImage(
    ImageId id, BlobKey folder, byte[] json, List<ImageId> ancestry, List<Checksum> checksums) {}
