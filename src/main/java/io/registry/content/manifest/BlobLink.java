package io.registry.content.manifest;

import io.registry.content.image.ImageId;
import java.util.Optional;

/**
 * Says that a repository contains a blob.
 *
 * @param size of the blob in bytes
 * @param layerOf the V1 image whose layer has the bytes; empty when they are in the {@link
 *     BlobStore}
 */
public record BlobLink(long size, Optional<ImageId> layerOf) {}
