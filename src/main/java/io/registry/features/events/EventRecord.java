package io.registry.features.events;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImagePushed;
import io.registry.content.repository.ManifestRef;
import io.registry.content.repository.RepositoryEvent;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An event and its cause.
 *
 * @param id unique among all registries
 * @param time when the event was published
 * @param kind the kind of event
 * @param repository the repository; empty for an image, which belongs to no single repository
 * @param tags the tags that are affected
 * @param image the image
 * @param manifest the manifest of a push over V2, or of its removal
 * @param origin the request that caused the event
 */
record EventRecord(
    String id,
    Instant time,
    EventKind kind,
    Optional<RepositoryName> repository,
    List<TagName> tags,
    Optional<ImageId> image,
    Optional<ManifestRef> manifest,
    Optional<EventOrigin> origin) {

  /** The fields that do not depend on time and request. */
  private record Content(
      EventKind kind, List<TagName> tags, Optional<ImageId> image, Optional<ManifestRef> manifest) {
    Content(EventKind kind, List<TagName> tags, Optional<ImageId> image) {
      this(kind, tags, image, Optional.empty());
    }

    Content(EventKind kind, ManifestRef manifest) {
      this(kind, List.of(), Optional.empty(), Optional.of(manifest));
    }
  }

  static EventRecord of(
      RepositoryEvent event, String id, Instant time, Optional<EventOrigin> origin) {
    Content content = content(event);
    return new EventRecord(
        id,
        time,
        content.kind(),
        Optional.of(event.repository()),
        content.tags(),
        content.image(),
        content.manifest(),
        origin);
  }

  static EventRecord of(ImagePushed event, String id, Instant time, Optional<EventOrigin> origin) {
    return new EventRecord(
        id,
        time,
        EventKind.IMAGE_PUSHED,
        Optional.empty(),
        List.of(),
        Optional.of(event.image()),
        Optional.empty(),
        origin);
  }

  private static Content content(RepositoryEvent event) {
    if (event instanceof RepositoryEvent.TagSet set) {
      return new Content(
          EventKind.TAG_SET, List.of(set.tag()), Optional.of(set.image()), set.manifest());
    }
    if (event instanceof RepositoryEvent.ManifestPushed pushed) {
      return new Content(EventKind.MANIFEST_PUSHED, pushed.manifest());
    }
    if (event instanceof RepositoryEvent.ManifestRemoved removed) {
      return new Content(EventKind.MANIFEST_REMOVED, removed.manifest());
    }
    if (event instanceof RepositoryEvent.TagRemoved removed) {
      return new Content(
          EventKind.TAG_REMOVED, List.of(removed.tag()), Optional.of(removed.image()));
    }
    if (event instanceof RepositoryEvent.RepositoryRemoved removed) {
      return new Content(EventKind.REPOSITORY_REMOVED, removed.tags(), Optional.empty());
    }
    return new Content(kindWithoutTags(event), List.of(), Optional.empty());
  }

  private static EventKind kindWithoutTags(RepositoryEvent event) {
    if (event instanceof RepositoryEvent.VisibilityChanged changed) {
      return changed.isPrivate()
          ? EventKind.REPOSITORY_MADE_PRIVATE
          : EventKind.REPOSITORY_MADE_PUBLIC;
    }
    return event instanceof RepositoryEvent.RepositoryCreated
        ? EventKind.REPOSITORY_CREATED
        : EventKind.REPOSITORY_UPDATED;
  }

  /** The event in a few words. */
  String subject() {
    String name =
        repository.map(RepositoryName::toString).or(() -> image.map(ImageId::value)).orElse("");
    return kind.word()
        + " "
        + name
        + (kind == EventKind.REPOSITORY_REMOVED || tags.isEmpty() ? "" : ":" + tags.get(0));
  }
}
