package io.registry.service;

import io.registry.access.auth.AccessRecorder;
import io.registry.access.auth.Caller;
import io.registry.bridge.BridgedManifest;
import io.registry.bridge.BridgedRepository;
import io.registry.content.image.ImageId;
import io.registry.content.image.Pusher;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestLink;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.ClientVersions;
import io.registry.content.repository.ManifestRef;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryEvent;
import io.registry.content.repository.RepositoryEvents;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagChange;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.service.V1Naming.Named;
import io.registry.service.V1Naming.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives manifests, and sets the tags that a client gives them. A caller may write the repository
 * before a method is called.
 *
 * <p>The tag comes last: when the server dies before, readers see the old one, and the client
 * pushes again.
 */
public class ManifestPush {
  private static final Logger log = LoggerFactory.getLogger(ManifestPush.class);

  private final RepositoryService repositoryService;
  private final Repositories repositories;
  private final BlobService blobService;
  private final ManifestService manifests;
  private final Tags tags;
  private final BridgedRepository bridged;
  private final RepositoryContent content;
  private final BlobStore blobs;
  private final ManifestParser parser;
  private final V1Naming naming;
  private final Pushers pushers;
  private final AccessRecorder recorder;
  private final RepositoryEvents events;
  private final String platform;

  ManifestPush(
      RepositoryService repositoryService,
      Repositories repositories,
      BlobService blobService,
      ManifestService manifests,
      Tags tags,
      BridgedRepository bridged,
      RepositoryContent content,
      BlobStore blobs,
      ManifestParser parser,
      V1Naming naming,
      Pushers pushers,
      AccessRecorder recorder,
      RepositoryEvents events,
      String platform) {
    this.repositoryService = repositoryService;
    this.repositories = repositories;
    this.blobService = blobService;
    this.manifests = manifests;
    this.tags = tags;
    this.bridged = bridged;
    this.content = content;
    this.blobs = blobs;
    this.parser = parser;
    this.naming = naming;
    this.pushers = pushers;
    this.recorder = recorder;
    this.events = events;
    this.platform = platform;
  }

  /**
   * A push of a manifest.
   *
   * @param caller who pushes
   * @param address the address of the client
   * @param repository where the manifest goes
   * @param client what is known of the client
   */
  public record Push(
      Caller caller, String address, RepositoryName repository, ClientVersions client) {}

  /**
   * Stores a manifest.
   *
   * @param digest the digest that the client names it by; empty when it names it by tags only
   * @param named the tags that the manifest gets
   * @param contentType what the client says it is; empty when it says nothing
   * @param bytes the manifest
   * @throws RegistryException {@code INVALID} when it is no manifest, or lists something with a
   *     wrong size; {@code NOT_FOUND} with the subject {@code BLOB} when it lists what the
   *     repository does not contain; nothing is stored then. {@code CONFLICT} when a tag is
   *     immutable
   */
  public PushedManifest put(
      Push push, Optional<Digest> digest, List<TagName> named, String contentType, byte[] bytes) {
    if (digest.isPresent() && !digest.get().isDigestOf(bytes)) {
      throw new RegistryException(
          Problem.INVALID, Subject.BLOB, "The bytes of the manifest are not those of the digest");
    }
    named.forEach(TagName::requireAllowed);
    Manifest manifest = parser.parse(contentType, bytes);
    requireContent(push, manifest);
    repositoryService.create(push.caller(), push.repository());
    Pusher pusher = pushers.into(push.repository(), push.caller(), push.address());
    Digest own = digest.orElseGet(() -> Digest.of(bytes));
    Stored stored = new Stored(push.repository(), manifest, own, bytes.length);
    ManifestLink link = store(stored, bytes);
    List<String> warnings = new ArrayList<>();
    if (named.isEmpty()) {
      events.publish(new RepositoryEvent.ManifestPushed(push.repository(), ref(stored)));
    } else {
      Named image = name(stored, pusher);
      if (!image.refusal().isEmpty()) {
        log.info(
            "{} of {} has no V1 image: {}", stored.digest(), push.repository(), image.refusal());
        content.addManifest(stored.repository(), own, link.refused(image.refusal()));
        warnings.add("V1 clients cannot pull this: " + image.refusal());
      }
      named.forEach(tag -> tag(push, stored, tag, image.image()).ifPresent(warnings::add));
      requireStillThere(stored, named, image.image());
    }
    return new PushedManifest(
        own, manifest.subject().map(Descriptor::digest), String.join("; ", warnings));
  }

  /**
   * The image that V1 clients would get for a manifest, if its layers are what it says.
   *
   * @param manifest the digest of the manifest, which is that of a platform where the client named
   *     an index
   * @param layers the layers that have to be there before the image can be made
   * @param image its id
   */
  public record V1Candidate(Digest manifest, List<Descriptor> layers, ImageId image) {
    /** Copies the list. */
    public V1Candidate {
      layers = List.copyOf(layers);
    }
  }

  /**
   * Finds out what V1 clients would get for a manifest of a repository. Makes nothing.
   *
   * @return nothing when there is no such manifest, or V1 cannot express it
   */
  public Optional<V1Candidate> plan(RepositoryName repository, Digest digest) {
    return find(repository, digest)
        .flatMap(this::expressed)
        .flatMap(
            image ->
                naming
                    .plan(image)
                    .map(
                        id ->
                            new V1Candidate(
                                image.digest(),
                                image.manifest().layers().stream()
                                    .filter(layer -> !layer.isElsewhere())
                                    .map(Manifest.Part::descriptor)
                                    .toList(),
                                id)));
  }

  /**
   * Makes the V1 image of a manifest whose layers are there, without a tag.
   *
   * @param digest the digest of the manifest of an image
   * @param pusher whose image it will be
   * @return the image; nothing when its layers are not what the configuration says
   * @throws RegistryException as for a push
   */
  public Optional<ImageId> express(RepositoryName repository, Digest digest, Pusher pusher) {
    return find(repository, digest)
        .flatMap(this::expressed)
        .map(image -> name(image, pusher))
        .map(Named::image)
        .filter(image -> !image.isManifest());
  }

  private ManifestLink store(Stored stored, byte[] bytes) {
    RepositoryName repository = stored.repository();
    Manifest manifest = stored.manifest();
    blobs.write(stored.digest(), bytes);
    Optional<ImageId> image = expressed(stored).flatMap(naming::plan);
    return content.add(
        repository,
        new Descriptor(manifest.mediaType(), stored.digest(), bytes.length),
        manifest,
        image);
  }

  private Named name(Stored stored, Pusher pusher) {
    return expressed(stored)
        .map(image -> naming.name(image, pusher))
        .map(
            found ->
                found.image().isManifest()
                    ? V1Naming.unnamed(stored.digest(), found.refusal())
                    : found)
        .orElseGet(
            () ->
                V1Naming.unnamed(
                    stored.digest(),
                    stored.manifest().kind() == Manifest.Kind.INDEX
                        ? "It contains no image for " + platform
                        : "It is no image"));
  }

  // The image that V1 clients get: of several platforms the one of the settings.
  private Optional<Stored> expressed(Stored stored) {
    return switch (stored.manifest().kind()) {
      case IMAGE -> Optional.of(stored);
      case OTHER -> Optional.empty();
      case INDEX ->
          stored.manifest().children().stream()
              .filter(child -> isForV1(child.platform()))
              .findFirst()
              .flatMap(child -> find(stored.repository(), child.descriptor().digest()))
              .filter(child -> child.manifest().kind() == Manifest.Kind.IMAGE);
    };
  }

  private boolean isForV1(String childPlatform) {
    return childPlatform.equals(platform) || childPlatform.startsWith(platform + "/");
  }

  private Optional<Stored> find(RepositoryName repository, Digest digest) {
    return manifests
        .find(repository, digest)
        .map(
            found ->
                new Stored(
                    repository,
                    parser.parse(found.mediaType(), found.bytes()),
                    digest,
                    found.bytes().length));
  }

  // Returns what the client should tell its user, if the tag stays what it was.
  private Optional<String> tag(Push push, Stored stored, TagName tag, ImageId image) {
    RepositoryName repository = push.repository();
    Optional<ImageId> part = Optional.empty();
    boolean isImmutable = repositories.isImmutable(repository, tag);
    if (isImmutable) {
      Optional<Stored> set =
          manifests.find(repository, tag).flatMap(found -> find(repository, found.digest()));
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
            Optional.of(ref(stored)),
            part,
            push.client(),
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
  private void claim(Stored stored, TagName tag, ImageId image) {
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

  // A removal of the manifest or of the repository that went on meanwhile may have missed the tags.
  private void requireStillThere(Stored stored, List<TagName> named, ImageId image) {
    RepositoryName repository = stored.repository();
    Manifest manifest = stored.manifest();
    boolean isThere =
        content.findManifest(repository, stored.digest()).isPresent()
            && Stream.concat(
                    manifest.blobs().stream(),
                    manifest.children().stream().map(Manifest.Part::descriptor))
                .limit(1)
                .allMatch(part -> contains(repository, part.digest()));
    if (!isThere) {
      named.forEach(tag -> tags.removeIf(repository, tag, image::equals));
      throw new RegistryException(
          Problem.UNAVAILABLE, "The manifest was removed meanwhile: push again");
    }
  }

  private boolean contains(RepositoryName repository, Digest digest) {
    return content.findBlob(repository, digest).isPresent()
        || content.findManifest(repository, digest).isPresent();
  }

  private static ManifestRef ref(Stored stored) {
    return new ManifestRef(
        stored.manifest().mediaType(), stored.digest().toString(), stored.size());
  }

  // containerd gives the manifests of all platforms the tag before it gives it the index of them.
  private boolean isOtherPlatform(Stored set, Stored pushed) {
    return set.manifest().kind() == Manifest.Kind.IMAGE
        && pushed.manifest().kind() == Manifest.Kind.IMAGE
        && !naming.platform(set).equals(naming.platform(pushed));
  }

  private static void requireContains(Stored index, Stored part, TagName tag) {
    if (index.manifest().children().stream()
        .noneMatch(child -> child.descriptor().digest().equals(part.digest()))) {
      throw immutable(tag);
    }
  }

  private void requireContent(Push push, Manifest manifest) {
    for (Descriptor blob : manifest.blobs()) {
      BlobLink link =
          blobService
              .linkOf(push.repository(), blob.digest())
              .orElseThrow(() -> missing(blob, "The repository has no blob "));
      requireSize(blob, link.size());
      if (content.findBlob(push.repository(), blob.digest()).isEmpty()) {
        content.addBlob(push.repository(), blob.digest(), link);
      }
    }
    for (Manifest.Part child : manifest.children()) {
      requireChild(push, child.descriptor());
    }
  }

  // BuildKit keeps its cache as an index that lists blobs.
  private void requireChild(Push push, Descriptor child) {
    Optional<Long> size =
        content
            .findManifest(push.repository(), child.digest())
            .map(ManifestLink::size)
            .or(() -> content.findBlob(push.repository(), child.digest()).map(BlobLink::size));
    if (size.isPresent()) {
      requireSize(child, size.get());
      return;
    }
    BridgedManifest made =
        bridged
            .manifest(push.repository(), child.digest())
            .orElseThrow(() -> missing(child, "The repository has no manifest "));
    requireSize(child, made.bytes().length);
    // The index needs it even when the tag of the V1 image is removed.
    put(push, Optional.of(made.digest()), List.of(), made.mediaType(), made.bytes());
  }

  private static RegistryException missing(Descriptor what, String text) {
    return new RegistryException(Problem.NOT_FOUND, Subject.BLOB, text + what.digest());
  }

  private static void requireSize(Descriptor told, long size) {
    if (told.size() != size) {
      throw new RegistryException(
          Problem.INVALID,
          Subject.MANIFEST,
          "%s has %d bytes, not %d".formatted(told.digest(), size, told.size()));
    }
  }
}
