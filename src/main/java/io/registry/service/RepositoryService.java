package io.registry.service;

import io.registry.access.auth.AccessRecorder;
import io.registry.access.auth.Caller;
import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.image.ImageId;
import io.registry.content.repository.ImageLists;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.Tags;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;

/**
 * Creates, lists and removes repositories. A caller may do what the action on the repository allows
 * before a method is called.
 */
@Service
public class RepositoryService {
  private static final byte[] EMPTY = "[]".getBytes(StandardCharsets.US_ASCII);

  private final Repositories repositories;
  private final Tags tags;
  private final ImageLists imageLists;
  private final AccessRecorder recorder;
  private final RepositoryVisibility visibilities;
  private final UpstreamContent source;

  RepositoryService(
      Repositories repositories,
      Tags tags,
      ImageLists imageLists,
      AccessRecorder recorder,
      RepositoryVisibility visibilities,
      ObjectProvider<UpstreamContent> source) {
    this.repositories = repositories;
    this.tags = tags;
    this.imageLists = imageLists;
    this.recorder = recorder;
    this.visibilities = visibilities;
    this.source = source.getIfAvailable(() -> UpstreamContent.NONE);
  }

  /**
   * Creates a repository, or adds to its list of images what a caller is about to push.
   *
   * @param json an array of objects with an {@code id} each
   * @throws RegistryException when it is not such an array
   */
  public void announce(Caller caller, RepositoryName repository, byte[] json) {
    recorder.announced(caller, repository, imageLists.add(repository, json));
  }

  /** Creates a repository without images, unless there is one. */
  public void create(Caller caller, RepositoryName repository) {
    if (tags.list(repository).isEmpty()) {
      announce(caller, repository, EMPTY);
    }
  }

  /** Notes that a repository is about to contain the layer of a V1 image of another repository. */
  void link(RepositoryName repository, ImageId image) {
    recorder.linked(repository, image);
  }

  /**
   * The list of the images of a repository, for a caller who may go on to ask for them.
   *
   * @return the JSON as stored; never empty
   * @throws RegistryException {@code NOT_FOUND} when there is no such repository
   */
  public MaybeStale<byte[]> images(Caller caller, RepositoryName repository) {
    MaybeStale<byte[]> here = imageLists.lookUp(repository);
    MaybeStale<byte[]> found =
        here.value().isPresent() || here.isStale() ? here : tagged(repository);
    if (found.value().isEmpty()) {
      throw new RegistryException(Problem.NOT_FOUND, Subject.REPOSITORY, "images not found");
    }
    recorder.opened(caller, repository);
    return found;
  }

  // V2 has no list of images: daemons need one with the images of the tags.
  private MaybeStale<byte[]> tagged(RepositoryName repository) {
    MaybeStale<Map<String, ImageId>> tags = source.images(repository);
    return new MaybeStale<>(
        tags.value()
            .map(
                images ->
                    images.values().stream()
                        .distinct()
                        .map("{\"id\": \"%s\"}"::formatted)
                        .collect(Collectors.joining(", ", "[", "]"))
                        .getBytes(StandardCharsets.US_ASCII)),
        tags.isStale());
  }

  /** Removes the list of the images; the tags and the images stay. */
  public void forgetImages(RepositoryName repository) {
    imageLists.remove(repository);
  }

  /**
   * Removes a repository with its tags, and keeps it in the trash; the images stay.
   *
   * @throws RegistryException {@code NOT_FOUND} when there is no such repository
   */
  public void remove(RepositoryName repository) {
    boolean wasPrivate = visibilities.isPrivate(repository);
    boolean removed = repositories.remove(repository, wasPrivate);
    recorder.removed(repository);
    if (!removed) {
      throw new RegistryException(Problem.NOT_FOUND, Subject.REPOSITORY, "Repository not found");
    }
  }
}
