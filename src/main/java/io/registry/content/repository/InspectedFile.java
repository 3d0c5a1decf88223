package io.registry.content.repository;

import io.registry.content.defect.Defect;
import io.registry.content.image.ImageId;
import java.util.Optional;

/**
 * The result of inspecting a file of a repository.
 *
 * @param tagged the image or manifest that it names, when it is a tag
 * @param defect its defect, if there is one
 */
public record InspectedFile(Optional<ImageId> tagged, Optional<Defect> defect) {
  static final InspectedFile FINE = new InspectedFile(Optional.empty(), Optional.empty());
}
