package io.registry.service;

import io.registry.access.auth.AccessRecorder;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.ClientVersions;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagChange;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.List;
import java.util.Optional;

/**
 * Sets the tags that a client gives to a pushed manifest. A tag is one thing for both protocols: it
 * names a manifest over V2, and its counterpart over V1.
 */
final class ManifestTags {
  private final Tags tags;
  private final Repositories repositories;
  private final RepositoryContent content;
  private final ManifestService manifests;
  private final V1Counterparts counterparts;
  private final AccessRecorder recorder;

  ManifestTags(
      Tags tags,
      Repositories repositories,
      RepositoryContent content,
      ManifestService manifests,
      V1Counterparts counterparts,
      AccessRecorder recorder) {
    this.tags = tags;
    this.repositories = repositories;
    this.content = content;
    this.manifests = manifests;
    this.counterparts = counterparts;
    this.recorder = recorder;
  }

  /**
   * Sets a tag.
   *
   * @param tag the tag
   * @param stored the manifest that it names over V2
   * @param image what it names over V1: the counterpart of the manifest
   * @param client what is known of the client
   * @return what the client should tell its user, if the tag stays what it was
   * @throws RegistryException {@code CONFLICT} when the tag is immutable and names another image
   */
  Optional<String> set(TagName tag, StoredManifest stored, ImageId image, ClientVersions client) {
    RepositoryName repository = stored.repository();
    Optional<ImageId> part = Optional.empty();
    boolean isImmutable = repositories.isImmutable(repository, tag);
    if (isImmutable) {
      Optional<StoredManifest> set =
          manifests
              .original(repository, tag)
              .flatMap(found -> manifests.findStored(repository, found.digest()));
      if (set.filter(found -> isOtherPlatform(found, stored)).isPresent()) {
        return Optional.of(
            "The tag %s is immutable and stays: the manifest has its digest only".formatted(tag));
      }
      if (set.filter(found -> !found.digest().equals(stored.digest())).isPresent()) {
        requireContains(stored, set.get(), tag);
        part = tags.get(repository, tag);
      }
    }
    boolean isCompleted = part.isPresent();
    tags.set(
        repository,
        tag,
        new TagChange(
            image,
            Optional.of(stored.ref()),
            part,
            client,
            () -> {
              if (image.isManifest()) {
                return;
              }
              if (isImmutable && !isCompleted) {
                claim(stored, tag, image);
              } else {
                content.setTagged(repository, tag, image, stored.digest());
              }
            }));
    if (!image.isManifest()) {
      recorder.tagged(repository, image);
    }
    return Optional.empty();
  }

  // Clients may push several manifests of one image at the same time.
  private void claim(StoredManifest stored, TagName tag, ImageId image) {
    RepositoryName repository = stored.repository();
    Digest first = content.claimTagged(repository, tag, image, stored.digest());
    if (first.equals(stored.digest())) {
      return;
    }
    if (content.findManifest(repository, first).isPresent()) {
      throw immutable(tag);
    }
    content.setTagged(repository, tag, image, stored.digest());
  }

  private static RegistryException immutable(TagName tag) {
    return new RegistryException(
        Problem.CONFLICT,
        Subject.TAG,
        "The tag %s is immutable and names another image already".formatted(tag));
  }

  /** Removes tags again that name an image. */
  void remove(List<TagName> named, RepositoryName repository, ImageId image) {
    named.forEach(tag -> tags.removeIf(repository, tag, image::equals));
  }

  // containerd gives the manifests of all platforms the tag before it gives it the index of them.
  private boolean isOtherPlatform(StoredManifest set, StoredManifest pushed) {
    return set.manifest().kind() == Manifest.Kind.IMAGE
        && pushed.manifest().kind() == Manifest.Kind.IMAGE
        && !counterparts.platform(set).equals(counterparts.platform(pushed));
  }

  private static void requireContains(StoredManifest index, StoredManifest part, TagName tag) {
    if (index.manifest().children().stream()
        .noneMatch(child -> child.descriptor().digest().equals(part.digest()))) {
      throw immutable(tag);
    }
  }
}
