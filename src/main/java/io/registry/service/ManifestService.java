package io.registry.service;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.bridge.BridgedManifest;
import io.registry.bridge.BridgedRepository;
import io.registry.bridge.DerivedStore;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestLink;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.manifest.Origins;
import io.registry.content.manifest.Origins.Origin;
import io.registry.content.manifest.Referrer;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.ManifestRef;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.RepositoryEvent;
import io.registry.content.repository.RepositoryEvents;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.content.repository.Trash;
import io.registry.content.retention.TagPulls;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads and removes the manifests of repositories, whichever protocol brought the image. A caller
 * may do what the action on the repository allows before a method is called.
 */
public class ManifestService {
  /** No manifest that was accepted is larger. */
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  /** Longer hashes are cut in the tag of a subject. */
  private static final int MAX_REFERENCE = 64;

  private static final int REMEMBERED_IMAGES = 100_000;

  private static final int REMEMBERED_BYTES = 32 * 1024 * 1024;

  /** A page of referrers ends after so many bytes of annotations. */
  private static final int MAX_PAGE_BYTES = 4 * 1024 * 1024;

  private final Tags tags;
  private final BridgedRepository bridged;
  private final RepositoryContent content;
  private final BlobStore blobs;
  private final Origins origins;
  private final DerivedStore derived;
  private final ManifestParser parser;
  private final RepositoryEvents events;
  private final Trash trash;
  private final TagPulls pulls;
  private final BlobService blobService;
  private final ConvertedManifests converted;
  private final UpstreamContent source;
  private final Cache<Digest, byte[]> remembered =
      Caffeine.newBuilder()
          .maximumWeight(REMEMBERED_BYTES)
          .weigher((Digest digest, byte[] bytes) -> bytes.length)
          .build();

  /** Complete images that no client has pushed over V2, with the generation of that time. */
  private final Cache<ImageId, String> withoutOrigin =
      Caffeine.newBuilder().maximumSize(REMEMBERED_IMAGES).build();

  ManifestService(
      Tags tags,
      BridgedRepository bridged,
      RepositoryContent content,
      BlobStore blobs,
      Origins origins,
      DerivedStore derived,
      ManifestParser parser,
      RepositoryEvents events,
      Trash trash,
      TagPulls pulls,
      BlobService blobService,
      ConvertedManifests converted,
      UpstreamContent source) {
    this.tags = tags;
    this.bridged = bridged;
    this.content = content;
    this.blobs = blobs;
    this.origins = origins;
    this.derived = derived;
    this.parser = parser;
    this.events = events;
    this.trash = trash;
    this.pulls = pulls;
    this.blobService = blobService;
    this.converted = converted;
    this.source = source;
  }

  /**
   * The manifest that a tag names, as it was pushed, for a client that pulls it.
   *
   * @return as {@link #original(RepositoryName, TagName)}
   */
  public Optional<ServedManifest> pull(RepositoryName repository, TagName tag) {
    Optional<ServedManifest> found = original(repository, tag);
    found.ifPresent(any -> pulls.note(repository, tag));
    return found;
  }

  /**
   * The manifest that a tag names, in the form that clients of today read: for an image of schema 1
   * that which is made of it.
   *
   * @return nothing when there is no such tag
   * @throws RegistryException {@code NOT_FOUND} when the V1 image cannot be served by digest, with
   *     the reason; {@code UNAVAILABLE} when reading its layers takes longer than a client waits,
   *     or when the source of a mirror may have it and does not answer
   */
  public Optional<ServedManifest> find(RepositoryName repository, TagName tag) {
    return original(repository, tag).map(found -> current(repository, found));
  }

  /**
   * A manifest in the form that clients of today read.
   *
   * @param manifest of the repository
   * @return the same, or what is made of it when it is of schema 1
   * @throws RegistryException as {@link #find(RepositoryName, TagName)}
   */
  public ServedManifest current(RepositoryName repository, ServedManifest manifest) {
    return MediaTypes.isSchemaOne(manifest.mediaType())
        ? convert(repository, manifest.digest(), manifest.isStale())
        : manifest;
  }

  private ServedManifest convert(RepositoryName repository, Digest schemaOne, boolean isStale) {
    return converted.of(schemaOne, layer -> blobService.find(repository, layer), isStale);
  }

  /**
   * The manifest that a tag names, as it was pushed.
   *
   * @return nothing when there is no such tag
   * @throws RegistryException as {@link #find(RepositoryName, TagName)}
   */
  public Optional<ServedManifest> original(RepositoryName repository, TagName tag) {
    MaybeStale<ImageId> found = tags.lookUp(repository, tag);
    if (found.value().isEmpty()) {
      return found.isStale() ? Optional.empty() : fetched(repository, tag);
    }
    ImageId image = found.value().get();
    if (image.isManifest()) {
      return pushed(repository, digest(image), found.isStale());
    }
    String generation = derived.generation();
    return generation.equals(withoutOrigin.getIfPresent(image))
        ? Optional.of(served(bridged.manifest(repository, image, generation, found.isStale())))
        : find(repository, tag, image, generation, found.isStale());
  }

  private Optional<ServedManifest> find(
      RepositoryName repository, TagName tag, ImageId image, String generation, boolean isStale) {
    Optional<ServedManifest> tagged =
        content
            .findTagged(repository, tag, image)
            .flatMap(digest -> pushed(repository, digest, isStale));
    if (tagged.isPresent()) {
      return tagged;
    }
    Optional<Origin> origin = origins.find(image);
    Optional<ServedManifest> pushed =
        origin
            .flatMap(Origin::manifest)
            .flatMap(
                manifest ->
                    pushed(repository, manifest.digest(), isStale)
                        .or(() -> adopted(repository, image, manifest, isStale)));
    if (pushed.isPresent()) {
      return pushed;
    }
    BridgedManifest made = bridged.manifest(repository, image, generation, isStale);
    // Now that the image was served, an origin changes the generation; not for a server that only
    // reads, whose derived files are its own.
    if (!content.isReadOnly() && origin.isEmpty() && origins.find(image).isEmpty()) {
      withoutOrigin.put(image, generation);
    }
    return Optional.of(served(made));
  }

  /**
   * What the clients of both protocols get for a tag.
   *
   * @return nothing when there is no such tag
   * @throws RegistryException {@code UNAVAILABLE} when the store fails
   */
  public Optional<TagView> view(RepositoryName repository, TagName tag) {
    Optional<ImageId> found = tags.get(repository, tag);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Optional<ImageId> image = found.filter(named -> !named.isManifest());
    try {
      Optional<ServedManifest> manifest = find(repository, tag);
      String refusal =
          image.isPresent()
              ? ""
              : content
                  .findManifest(repository, digest(found.get()))
                  .map(ManifestLink::refusal)
                  .orElse("");
      return Optional.of(new TagView(image, manifest, refusal));
    } catch (RegistryException e) {
      if (e.problem() != Problem.NOT_FOUND) {
        throw e;
      }
      return Optional.of(new TagView(image, Optional.empty(), e.getMessage()));
    }
  }

  private Optional<ServedManifest> fetched(RepositoryName repository, TagName tag) {
    MaybeStale<Digest> found = source.manifest(repository, tag);
    return known(found).flatMap(digest -> pushed(repository, digest, found.isStale()));
  }

  // A client that is told 404 takes the content for removed.
  static <V> Optional<V> known(MaybeStale<V> found) {
    if (found.value().isEmpty() && found.isStale()) {
      throw new RegistryException(
          Problem.UNAVAILABLE, "The source of this mirror does not answer at the moment");
    }
    return found.value();
  }

  // A V1 client has tagged an image that came over V2 to another repository.
  private Optional<ServedManifest> adopted(
      RepositoryName repository, ImageId image, Descriptor origin, boolean isStale) {
    if (content.isReadOnly()) {
      return Optional.empty();
    }
    Digest digest = origin.digest();
    Optional<byte[]> bytes = bytes(digest);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    Manifest manifest = parser.parse(origin.mediaType(), bytes.get());
    for (Descriptor blob : manifest.blobs()) {
      OptionalLong size = blobs.size(blob.digest());
      if (size.isEmpty()) {
        return Optional.empty();
      }
      content.addBlob(repository, blob.digest(), new BlobLink(size.getAsLong(), Optional.empty()));
    }
    content.addManifest(
        repository,
        digest,
        new ManifestLink(
            manifest.mediaType(),
            bytes.get().length,
            manifest.subject().map(Descriptor::digest),
            Optional.of(image),
            "",
            Optional.empty()));
    return pushed(repository, digest, isStale);
  }

  private static Digest digest(ImageId image) {
    return Digest.find(image.value())
        .orElseThrow(() -> new IllegalStateException("not the digest of a manifest: " + image));
  }

  // Of an image that clients have pushed over V2.
  private Optional<Digest> named(RepositoryName repository, TagName tag, ImageId image) {
    return content
        .findTagged(repository, tag, image)
        .filter(digest -> content.findManifest(repository, digest).isPresent())
        .or(() -> origins.find(image).flatMap(Origin::manifest).map(Descriptor::digest));
  }

  private static ServedManifest served(BridgedManifest made) {
    return new ServedManifest(made.mediaType(), made.digest(), made.bytes(), made.isStale());
  }

  /** A manifest of a repository with what it says. */
  Optional<StoredManifest> findStored(RepositoryName repository, Digest digest) {
    return find(repository, digest)
        .map(
            found ->
                new StoredManifest(
                    repository,
                    parser.parse(found.mediaType(), found.bytes()),
                    digest,
                    found.bytes().length));
  }

  /**
   * A manifest by its digest.
   *
   * @return nothing when the repository has no such manifest
   * @throws RegistryException {@code UNAVAILABLE} when the source of a mirror may have it and does
   *     not answer
   */
  public Optional<ServedManifest> find(RepositoryName repository, Digest digest) {
    // A manifest of a V1 image has no link, and looking for one is a request to the store.
    return bridged
        .rememberedManifest(repository, digest)
        .map(ManifestService::served)
        .or(() -> pushed(repository, digest, false))
        .or(() -> bridged.manifest(repository, digest).map(ManifestService::served))
        .or(
            () ->
                converted
                    .sourceOf(repository, digest)
                    .map(found -> convert(repository, found, false))
                    .filter(made -> made.digest().equals(digest)))
        .or(
            () ->
                known(source.manifest(repository, digest))
                    .flatMap(found -> pushed(repository, found, false)));
  }

  private Optional<ServedManifest> pushed(
      RepositoryName repository, Digest digest, boolean isStale) {
    return content
        .findManifest(repository, digest)
        .flatMap(
            link ->
                bytes(digest)
                    .map(
                        bytes ->
                            new ServedManifest(
                                link.mediaType(),
                                digest,
                                link.form().map(form -> form.document(bytes)).orElse(bytes),
                                isStale)));
  }

  private Optional<byte[]> bytes(Digest digest) {
    byte[] known = remembered.getIfPresent(digest);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<byte[]> read = blobs.read(digest, MAX_BYTES).filter(digest::isDigestOf);
    read.ifPresent(bytes -> remembered.put(digest, bytes));
    return read;
  }

  /**
   * Removes a manifest from a repository, with the tags that name it, and keeps them in the trash.
   *
   * @throws RegistryException {@code NOT_FOUND} when the repository has no such manifest, {@code
   *     CONFLICT} when an immutable tag names it
   */
  public void remove(RepositoryName repository, Digest shown) {
    Digest digest = removable(repository, shown);
    Optional<ManifestLink> link = content.findManifest(repository, digest);
    Set<ImageId> made = Set.copyOf(bridged.topsOf(repository, digest));
    Set<ImageId> images =
        Stream.of(
                made.stream(),
                link.flatMap(ManifestLink::image).stream(),
                ImageId.findTagged(digest.toString()).stream())
            .flatMap(each -> each)
            .collect(Collectors.toSet());
    boolean named =
        removeTags(
            repository, images, (tag, image) -> serves(repository, tag, image, digest, made));
    if (link.isEmpty() && !named) {
      throw new RegistryException(
          Problem.NOT_FOUND, Subject.MANIFEST, "The repository has no such manifest");
    }
    link.ifPresent(
        found -> {
          trash.removeManifest(repository, ref(digest, found), found.image());
          content.removeManifest(repository, digest, found);
          // A client may have given it a tag meanwhile.
          removeTags(repository, images, (tag, image) -> isLost(repository, tag, image, digest));
        });
    ManifestRef removed =
        link.map(found -> ref(digest, found))
            .orElseGet(() -> new ManifestRef(MediaTypes.DOCKER_MANIFEST, digest.toString(), 0));
    events.publish(new RepositoryEvent.ManifestRemoved(repository, removed));
  }

  private static ManifestRef ref(Digest digest, ManifestLink link) {
    return new ManifestRef(link.mediaType(), digest.toString(), link.size());
  }

  // Clients are shown what is made of a manifest of schema 1, and remove that.
  private Digest removable(RepositoryName repository, Digest digest) {
    return content.findManifest(repository, digest).isPresent()
        ? digest
        : converted.sourceOf(repository, digest).orElse(digest);
  }

  // Returns whether there were tags that name one of the images and that the condition selects.
  private boolean removeTags(
      RepositoryName repository, Set<ImageId> images, BiPredicate<TagName, ImageId> condition) {
    boolean found = false;
    for (Map.Entry<String, ImageId> tag : tags.list(repository).orElse(Map.of()).entrySet()) {
      Optional<TagName> name =
          TagName.find(tag.getKey())
              .filter(known -> images.contains(tag.getValue()))
              .filter(known -> condition.test(known, tag.getValue()));
      if (name.isPresent()) {
        found = true;
        tags.removeIf(repository, name.get(), image -> condition.test(name.get(), image));
      }
    }
    return found;
  }

  private boolean serves(
      RepositoryName repository, TagName tag, ImageId image, Digest digest, Set<ImageId> made) {
    return image.isManifest()
        ? image.value().equals(digest.toString())
        : named(repository, tag, image).map(digest::equals).orElseGet(() -> made.contains(image));
  }

  // Whether a tag was set to a manifest that the repository does not contain any more.
  private boolean isLost(RepositoryName repository, TagName tag, ImageId image, Digest digest) {
    boolean isSet =
        image.isManifest()
            ? image.value().equals(digest.toString())
            : content.findTagged(repository, tag, image).filter(digest::equals).isPresent();
    return isSet && content.findManifest(repository, digest).isEmpty();
  }

  /**
   * Removes a tag; its manifest stays.
   *
   * @throws RegistryException {@code NOT_FOUND} when there is no such tag, {@code CONFLICT} when it
   *     is immutable
   */
  public void remove(RepositoryName repository, TagName tag) {
    if (!tags.remove(repository, tag)) {
      throw new RegistryException(Problem.NOT_FOUND, Subject.MANIFEST, "There is no such tag");
    }
  }

  /**
   * The manifests that refer to a manifest, which need not exist.
   *
   * @param artifactType only those of that type; empty for all
   * @param after where the part begins, as the part before said; empty for the first one
   * @param limit up to how many are returned
   */
  public ReferrerPage referrers(
      RepositoryName repository, Digest subject, String artifactType, String after, int limit) {
    List<Referrer> found = new ArrayList<>();
    if (after.isEmpty()) {
      found.addAll(ofTag(repository, subject, artifactType));
    }
    Set<Digest> known =
        found.stream().map(each -> each.descriptor().digest()).collect(Collectors.toSet());
    long bytes = 0;
    String last = after;
    for (String name : content.referrers(repository, subject, after)) {
      if (found.size() >= limit || bytes > MAX_PAGE_BYTES) {
        return new ReferrerPage(found, Optional.of(last));
      }
      Optional<Referrer> referrer =
          content
              .readReferrer(repository, subject, name)
              .filter(each -> artifactType.isEmpty() || artifactType.equals(each.artifactType()))
              .filter(each -> !known.contains(each.descriptor().digest()))
              .filter(each -> isThere(repository, each));
      if (referrer.isPresent()) {
        found.add(referrer.get());
        bytes += referrer.get().descriptor().size();
      }
      last = name;
    }
    return new ReferrerPage(found, Optional.empty());
  }

  // A push, or a removal, may have broken off between the two.
  private boolean isThere(RepositoryName repository, Referrer referrer) {
    return content.findManifest(repository, referrer.descriptor().digest()).isPresent();
  }

  // Clients that do not see referrers keep an index under a tag with the name of the subject.
  private List<Referrer> ofTag(RepositoryName repository, Digest subject, String artifactType) {
    String reference = subject.hex().substring(0, MAX_REFERENCE);
    return TagName.find(subject.algorithm() + "-" + reference)
        .filter(tag -> tags.get(repository, tag).isPresent())
        .flatMap(tag -> find(repository, tag))
        .map(index -> parser.referrers(index.bytes()))
        .orElse(List.of())
        .stream()
        .filter(each -> artifactType.isEmpty() || artifactType.equals(each.artifactType()))
        .toList();
  }
}
