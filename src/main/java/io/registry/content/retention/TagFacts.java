package io.registry.content.retention;

import io.registry.content.image.ImageId;
import io.registry.content.repository.TagName;
import java.time.Instant;
import java.util.Optional;

/**
 * What rules go by.
 *
 * @param tag the tag
 * @param image what it names
 * @param pushed when it was set last; empty when the store does not say so
 * @param pulled when it was pulled last, to the hour; empty when it was not, as far as is known
 * @param isFixed whether it is immutable, and may not be removed
 * @param isPinned whether an admin has pinned what it names
 */
public record TagFacts(
    TagName tag,
    ImageId image,
    Optional<Instant> pushed,
    Optional<Instant> pulled,
    boolean isFixed,
    boolean isPinned) {}
