package io.registry.service;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessRecorder;
import io.registry.access.auth.Caller;
import io.registry.content.image.ImageId;
import io.registry.content.repository.ClientVersions;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagMetadata;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.content.retention.TagPulls;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;

/**
 * Reads and sets the tags of repositories that name V1 images; a tag of an image that V1 cannot
 * express is none here. A caller may do what the action on the repository allows before a method is
 * called.
 */
@Service
public class TagService {
  private final Tags tags;
  private final AccessPolicy policy;
  private final AccessRecorder recorder;
  private final TagPulls pulls;
  private final TagConfirmation confirmation;
  private final UpstreamContent source;

  TagService(
      Tags tags,
      AccessPolicy policy,
      AccessRecorder recorder,
      TagPulls pulls,
      TagConfirmation confirmation,
      ObjectProvider<UpstreamContent> source) {
    this.tags = tags;
    this.policy = policy;
    this.recorder = recorder;
    this.pulls = pulls;
    this.confirmation = confirmation;
    this.source = source.getIfAvailable(() -> UpstreamContent.NONE);
  }

  /**
   * All tags of a repository, for a caller who may go on to ask for the images.
   *
   * @return the image of each tag by its name; never empty
   * @throws RegistryException {@code NOT_FOUND} when there is no such repository
   */
  public MaybeStale<Map<String, ImageId>> list(Caller caller, RepositoryName repository) {
    MaybeStale<Map<String, ImageId>> found =
        shown(
            caller, repository, expressed(repository), Subject.REPOSITORY, "Repository not found");
    pulls.noteAll(repository);
    return found;
  }

  private MaybeStale<Map<String, ImageId>> expressed(RepositoryName repository) {
    MaybeStale<Map<String, ImageId>> here = tags.lookUp(repository);
    // What is outdated is of a source that speaks V1.
    MaybeStale<Map<String, ImageId>> there = here.isStale() ? here : source.images(repository);
    if (there.value().isEmpty() && here.value().stream().noneMatch(TagService::hasManifests)) {
      return new MaybeStale<>(here.value(), there.isStale());
    }
    Map<String, ImageId> shown = new TreeMap<>(there.value().orElse(Map.of()));
    shown.putAll(here.value().orElse(Map.of()));
    shown.values().removeIf(ImageId::isManifest);
    return new MaybeStale<>(Optional.of(shown), there.isStale());
  }

  private static boolean hasManifests(Map<String, ImageId> tags) {
    return tags.values().stream().anyMatch(ImageId::isManifest);
  }

  /**
   * The names of all tags of a repository, also of those that V1 clients do not see.
   *
   * @return nothing when there is no such repository
   */
  public MaybeStale<Set<String>> names(RepositoryName repository) {
    MaybeStale<Map<String, ImageId>> here = tags.lookUp(repository);
    if (here.isStale()) {
      return new MaybeStale<>(here.value().map(Map::keySet), true);
    }
    MaybeStale<Set<String>> there = source.tags(repository);
    if (there.value().isEmpty()) {
      return new MaybeStale<>(here.value().map(Map::keySet), there.isStale());
    }
    Set<String> all = new TreeSet<>(there.value().get());
    here.value().ifPresent(local -> all.addAll(local.keySet()));
    return new MaybeStale<>(Optional.of(all), there.isStale());
  }

  /**
   * The image that a tag names, for a caller who may go on to ask for it.
   *
   * @param tag the name of the tag as the client wrote it
   * @return the image; never empty
   * @throws RegistryException {@code NOT_FOUND} when there is no such tag
   */
  public MaybeStale<ImageId> get(Caller caller, RepositoryName repository, String tag) {
    MaybeStale<ImageId> found =
        TagName.find(tag)
            .map(known -> find(repository, known))
            .filter(known -> known.value().filter(ImageId::isManifest).isEmpty())
            .orElseGet(() -> new MaybeStale<>(Optional.empty(), false));
    MaybeStale<ImageId> image = shown(caller, repository, found, Subject.TAG, "Tag not found");
    TagName.find(tag).ifPresent(known -> pulls.note(repository, known));
    return image;
  }

  private MaybeStale<ImageId> find(RepositoryName repository, TagName tag) {
    MaybeStale<ImageId> here = tags.lookUp(repository, tag);
    return here.value().isPresent() || here.isStale() ? here : source.image(repository, tag);
  }

  private <V> MaybeStale<V> shown(
      Caller caller,
      RepositoryName repository,
      MaybeStale<V> found,
      Subject subject,
      String otherwise) {
    if (found.value().isEmpty()) {
      throw new RegistryException(Problem.NOT_FOUND, subject, otherwise);
    }
    recorder.opened(caller, repository);
    return found;
  }

  /**
   * Sets or moves a tag. The repository need not exist before.
   *
   * @param image the id of the image as the client wrote it
   * @param client what is known of the client
   * @throws RegistryException {@code NOT_FOUND} when there is no such image, or the caller may not
   *     give it a tag of that repository
   */
  public void set(
      Caller caller, RepositoryName repository, TagName tag, String image, ClientVersions client) {
    ImageId id =
        ImageId.find(image)
            .filter(found -> policy.mayTag(caller, repository, found))
            .orElseThrow(
                () -> new RegistryException(Problem.NOT_FOUND, Subject.IMAGE, "Image not found"));
    long stamp = confirmation.stamp();
    tags.set(repository, tag, id, client);
    confirmation.confirm(repository, tag, id, stamp);
    recorder.tagged(repository, id);
  }

  /**
   * Removes a tag; its image stays.
   *
   * @param tag the name of the tag as the client wrote it
   * @throws RegistryException {@code NOT_FOUND} when there is no such tag
   */
  public void remove(RepositoryName repository, String tag) {
    if (TagName.find(tag).filter(found -> tags.remove(repository, found)).isEmpty()) {
      throw new RegistryException(Problem.NOT_FOUND, Subject.TAG, "Tag not found: " + tag);
    }
  }

  /**
   * When and by what client a tag was set.
   *
   * @param tag the name of the tag as the client wrote it
   * @return what the store says; the defaults when there is no such tag
   */
  public TagMetadata metadata(RepositoryName repository, String tag) {
    return TagName.find(tag)
        .map(found -> tags.metadata(repository, found))
        .orElseGet(TagMetadata::unknown);
  }

  /** When and by what client the tag {@code latest} was set; the defaults when there is none. */
  public TagMetadata metadata(RepositoryName repository) {
    return tags.metadata(repository);
  }
}
