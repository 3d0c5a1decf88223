package io.registry.content.manifest;

import io.registry.content.defect.Defect;
import java.util.Optional;

/**
 * The result of inspecting a blob.
 *
 * @param bytes how many bytes were read
 * @param defect its defect, if there is one
 */
public record InspectedBlob(long bytes, Optional<Defect> defect) {}
