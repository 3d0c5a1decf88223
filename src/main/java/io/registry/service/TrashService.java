package io.registry.service;

import io.registry.access.auth.AccessRecorder;
import io.registry.access.auth.Caller;
import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.ClientVersions;
import io.registry.content.repository.ManifestRef;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagChange;
import io.registry.content.repository.TagName;
import io.registry.content.repository.TagState;
import io.registry.content.repository.TagVersion;
import io.registry.content.repository.Tags;
import io.registry.content.repository.Trash;
import io.registry.content.repository.TrashItem;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

/**
 * Lists and restores what was removed, and what tags named before. A caller may do what the action
 * on the repository allows before a method is called.
 */
@Service
public class TrashService {
  private final Trash trash;
  private final Repositories repositories;
  private final RepositoryService repositoryService;
  private final Tags tags;
  private final RepositoryVisibility visibilities;
  private final AccessRecorder recorder;
  private final Optional<ManifestRestoration> manifests;

  TrashService(
      Trash trash,
      Repositories repositories,
      RepositoryService repositoryService,
      @Qualifier("localTags") Tags tags,
      RepositoryVisibility visibilities,
      AccessRecorder recorder,
      ObjectProvider<ManifestRestoration> manifests) {
    this.trash = trash;
    this.repositories = repositories;
    this.repositoryService = repositoryService;
    this.tags = tags;
    this.visibilities = visibilities;
    this.recorder = recorder;
    this.manifests = manifests.stream().findFirst();
  }

  /**
   * What can be restored, as {@link Trash#items}.
   *
   * @return the items; the caller closes the stream
   */
  public Stream<Trash.Placed> list(Optional<String> namespace, String after) {
    return trash.items(namespace, after);
  }

  /** How long things stay in the trash. */
  public Duration keep() {
    return trash.keep();
  }

  /**
   * Finds something in the trash.
   *
   * @throws RegistryException {@code NOT_FOUND} when it is not there, or its time is over
   */
  public TrashItem get(RepositoryName repository, String id) {
    return trash.find(repository, id).orElseThrow(TrashService::missing);
  }

  private static RegistryException missing() {
    return new RegistryException(Problem.NOT_FOUND, "It is not in the trash");
  }

  /**
   * Restores something in the trash, which is not in the trash then.
   *
   * @return the tags that exist again
   * @throws RegistryException {@code NOT_FOUND} when it is not in the trash; {@code CONFLICT} when
   *     there is a tag of that name again that names something else, or bytes are lost
   */
  public Set<TagName> restore(Caller caller, TrashItem item) {
    Set<TagName> restored =
        switch (item.kind()) {
          case TAG -> restoreTag(caller, item);
          case REPOSITORY -> restoreRepository(caller, item);
          case MANIFEST -> {
            restoreManifest(caller, item);
            yield Set.of();
          }
          case BLOB -> {
            restoreBlob(caller, item);
            yield Set.of();
          }
        };
    trash.forget(item);
    return restored;
  }

  private Set<TagName> restoreTag(Caller caller, TrashItem item) {
    TagName tag = TagName.find(item.name()).orElseThrow(TrashService::missing);
    TagState state = item.tag().orElseThrow(TrashService::missing);
    Optional<ImageId> set = tags.get(item.repository(), tag);
    if (set.isPresent() && !set.get().equals(state.image())) {
      throw new RegistryException(
          Problem.CONFLICT,
          Subject.TAG,
          "The tag %s exists again: choose a version of its history".formatted(tag));
    }
    set(caller, item.repository(), tag, state);
    return Set.of(tag);
  }

  private Set<TagName> restoreRepository(Caller caller, TrashItem item) {
    if (!repositories.exists(item.repository())) {
      // Before anything can be read.
      visibilities.setPrivate(item.repository(), item.wasPrivate());
    }
    recorder.announced(caller, item.repository(), Set.of());
    Map<TagName, ImageId> restored = repositories.restore(item);
    restored.values().stream()
        .filter(image -> !image.isManifest())
        .forEach(image -> recorder.tagged(item.repository(), image));
    return restored.keySet();
  }

  // Whether a repository that was removed was private is not known here: it must not become public.
  private void create(Caller caller, RepositoryName repository) {
    if (!repositories.exists(repository) && visibilities.isPrivate(repository)) {
      visibilities.setPrivate(repository, true);
    }
    repositoryService.create(caller, repository);
  }

  private void restoreManifest(Caller caller, TrashItem item) {
    ManifestRef manifest = item.content().orElseThrow(TrashService::missing);
    create(caller, item.repository());
    restoration()
        .restore(item.repository(), digest(manifest.digest()), manifest.mediaType(), item.image());
  }

  private void restoreBlob(Caller caller, TrashItem item) {
    ManifestRef blob = item.content().orElseThrow(TrashService::missing);
    create(caller, item.repository());
    Digest digest = digest(blob.digest());
    if (item.image().isPresent()) {
      restoration().restoreBlob(item.repository(), digest, new BlobLink(blob.size(), item.image()));
    } else {
      restoration().restoreBlob(item.repository(), new Descriptor("", digest, blob.size()));
    }
  }

  private ManifestRestoration restoration() {
    return manifests.orElseThrow(
        () -> new RegistryException(Problem.CONFLICT, "V2 is switched off: registry.v2.enabled"));
  }

  private static Digest digest(String text) {
    return Digest.find(text).orElseThrow(TrashService::missing);
  }

  /** What a tag named before, the newest version first. */
  public List<TagVersion> history(RepositoryName repository, TagName tag) {
    return trash.history(repository, tag, tags.state(repository, tag));
  }

  /**
   * Lets a tag name again what it named before. What it names now becomes a part of its history.
   *
   * @param id of the version
   * @throws RegistryException {@code NOT_FOUND} when the tag has no such version, or its time is
   *     over; {@code CONFLICT} when the tag is immutable, or bytes are lost
   */
  public TagState restore(Caller caller, RepositoryName repository, TagName tag, String id) {
    TagState state =
        trash
            .version(repository, tag, id)
            .orElseThrow(
                () ->
                    new RegistryException(
                        Problem.NOT_FOUND, Subject.TAG, "The tag has no such version"))
            .state();
    set(caller, repository, tag, state);
    return state;
  }

  private void set(Caller caller, RepositoryName repository, TagName tag, TagState state) {
    create(caller, repository);
    Optional<Digest> served = state.manifest().map(TrashService::digest);
    Optional<ManifestRef> manifest =
        served.map(
            digest ->
                restoration()
                    .restore(
                        repository,
                        digest,
                        "",
                        Optional.of(state.image()).filter(image -> !image.isManifest())));
    tags.set(
        repository,
        tag,
        new TagChange(
            state.image(),
            manifest,
            Optional.empty(),
            ClientVersions.NONE,
            () ->
                served
                    .filter(digest -> !state.image().isManifest())
                    .ifPresent(
                        digest -> restoration().serve(repository, tag, state.image(), digest))));
    if (!state.image().isManifest()) {
      recorder.tagged(repository, state.image());
    }
  }
}
