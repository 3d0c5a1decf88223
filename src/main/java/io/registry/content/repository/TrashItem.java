package io.registry.content.repository;

import io.registry.content.image.ImageId;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that was removed from a repository and can be restored.
 *
 * @param repository the repository
 * @param id names the item among those of the repository
 * @param kind what was removed
 * @param name the name of the tag, or the digest of the manifest or blob; empty for a repository
 * @param removed when
 * @param tag what the tag named; empty for other kinds
 * @param content the manifest, or the blob without a media type; empty for other kinds
 * @param image the V1 image that the manifest is served as, or whose layer has the bytes of the
 *     blob; empty when there is none
 * @param tags how many tags the repository had; 0 for other kinds
 * @param wasPrivate whether the repository was private; false for other kinds
 */
public record TrashItem(
    RepositoryName repository,
    String id,
    Kind kind,
    String name,
    Instant removed,
    Optional<TagState> tag,
    Optional<ManifestRef> content,
    Optional<ImageId> image,
    int tags,
    boolean wasPrivate) {

  /** What can be removed. */
  public enum Kind {
    /** A tag. */
    TAG,
    /** A manifest, by its digest. */
    MANIFEST,
    /** A blob of a repository. */
    BLOB,
    /** A repository with all its tags. */
    REPOSITORY;

    /** The name in files and answers. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
