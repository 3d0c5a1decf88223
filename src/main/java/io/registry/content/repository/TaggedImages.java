package io.registry.content.repository;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.problem.RegistryException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * Determines whether an image is in the ancestry of one of the tags of a repository.
 *
 * <p>Usually that costs one read of the tags and one of the ancestry of the tag that was pulled
 * last, both of which the registry caches. Only for an image that the repository does not contain,
 * the ancestries of all tags are read; the result is cached until the tags change.
 */
public final class TaggedImages {
  /** The ids take up to 30 MB. */
  private static final int MAX_IMAGES = 300_000;

  private static final int MAX_RECENT = 10_000;

  private final Tags tags;
  private final ImageReader images;
  private final Executor executor;
  private final Cache<RepositoryName, ImageId> recent =
      Caffeine.newBuilder().maximumSize(MAX_RECENT).build();
  private final Cache<RepositoryName, Union> unions =
      Caffeine.newBuilder()
          .maximumWeight(MAX_IMAGES)
          .weigher((RepositoryName name, Union union) -> 1 + union.images().size())
          .build();

  /**
   * Creates the service.
   *
   * @param tags the tags of repositories
   * @param images reads the ancestries
   * @param executor reads many ancestries in parallel
   */
  public TaggedImages(Tags tags, ImageReader images, Executor executor) {
    this.tags = tags;
    this.images = images;
    this.executor = executor;
  }

  /** The union of the ancestries of tagged images, including these. */
  private record Union(Set<ImageId> tops, Set<ImageId> images) {}

  /**
   * Whether an image is reachable from a tag.
   *
   * @param repository the repository, which need not exist
   * @param image the image, which need not exist
   * @return whether it is tagged there, or is an ancestor of a tagged image
   */
  public boolean contains(RepositoryName repository, ImageId image) {
    return reaches(repository, tags.list(repository).orElse(Map.of()), image);
  }

  private boolean reaches(RepositoryName repository, Map<String, ImageId> tagged, ImageId image) {
    if (tagged.containsValue(image)) {
      recent.put(repository, image);
      return true;
    }
    ImageId top = recent.getIfPresent(repository);
    if (top != null && tagged.containsValue(top) && reachedFrom(top).contains(image)) {
      return true;
    }
    return union(repository, tagged.values()).contains(image);
  }

  /**
   * The images of a chain to which no tag of a repository leads. A tag that leads to one of them
   * leads to all its ancestors.
   *
   * @param repository the repository, which need not exist
   * @param chain images, each before its ancestors
   * @return the first images of the chain; all of it when no tag leads to any
   */
  public List<ImageId> beyond(RepositoryName repository, List<ImageId> chain) {
    Map<String, ImageId> tagged = tags.list(repository).orElse(Map.of());
    return chain.stream().takeWhile(image -> !reaches(repository, tagged, image)).toList();
  }

  /**
   * The tags of a repository that lead to an image.
   *
   * @param repository the repository, which need not exist
   * @param image the image, which need not exist
   * @return the names of the tags that name it or one of its descendants
   */
  public Stream<String> tagsTo(RepositoryName repository, ImageId image) {
    Map<String, ImageId> tagged = tags.list(repository).orElse(Map.of());
    return reaches(repository, tagged, image)
        ? tagged.entrySet().stream()
            .filter(tag -> reachedFrom(tag.getValue()).contains(image))
            .map(Map.Entry::getKey)
        : Stream.empty();
  }

  /**
   * All images that are reachable from the tags of a repository.
   *
   * @param repository the repository, which need not exist
   * @return the tagged images and all their ancestors
   */
  public Set<ImageId> all(RepositoryName repository) {
    return union(repository, tags.list(repository).orElse(Map.of()).values());
  }

  private Set<ImageId> union(RepositoryName repository, Collection<ImageId> tagged) {
    Set<ImageId> tops = Set.copyOf(tagged);
    Optional<Union> known =
        Optional.ofNullable(unions.getIfPresent(repository)).filter(it -> it.tops().equals(tops));
    if (known.isPresent()) {
      return known.get().images();
    }
    List<CompletableFuture<List<ImageId>>> ancestries = new ArrayList<>();
    tops.forEach(
        top -> ancestries.add(CompletableFuture.supplyAsync(() -> reachedFrom(top), executor)));
    Set<ImageId> all = new HashSet<>();
    ancestries.forEach(ancestry -> all.addAll(ancestry.join()));
    Union union = new Union(tops, Set.copyOf(all));
    unions.put(repository, union);
    return union.images();
  }

  /**
   * The images to which a tag leads.
   *
   * @param top the image that it names
   * @return that image and all its ancestors; that image alone when it is missing or is being
   *     pushed again
   */
  public List<ImageId> reachedFrom(ImageId top) {
    return ancestry(top).orElse(List.of(top));
  }

  /**
   * An image and all its ancestors.
   *
   * @param image the image
   * @return the ids, the image itself first; empty when it is missing, or is being pushed
   */
  public Optional<List<ImageId>> ancestry(ImageId image) {
    try {
      return Optional.of(images.ancestry(image));
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }
}
