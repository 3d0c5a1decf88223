package io.registry.service;

import io.registry.content.image.ImageId;
import java.util.Optional;

/**
 * What the clients of both protocols get for a tag.
 *
 * @param image what V1 clients pull; empty when they cannot pull the tag
 * @param manifest what V2 clients pull; empty when they cannot pull the tag
 * @param refusal why one of them cannot, as a sentence; empty when both can
 */
public record TagView(Optional<ImageId> image, Optional<ServedManifest> manifest, String refusal) {}
