package io.registry.repository;

import io.registry.defect.Defect;
import io.registry.image.ImageId;
import java.util.Optional;

/**
 * What a look at a file of a repository has found.
 *
 * @param tagged the image that it names, when it is a tag
 * @param defect what is wrong with it
 */
public record InspectedFile(Optional<ImageId> tagged, Optional<Defect> defect) {
  static final InspectedFile FINE = new InspectedFile(Optional.empty(), Optional.empty());
}
