package io.registry.operations.transfer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.access.auth.Caller;
import io.registry.bridge.BridgedBlob;
import io.registry.content.archive.Content;
import io.registry.content.archive.DamagedContentException;
import io.registry.content.archive.VerifiedCopy;
import io.registry.content.files.LayerScanner;
import io.registry.content.files.ScannedLayer;
import io.registry.content.files.UnreadableLayerException;
import io.registry.content.image.Checksum;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.image.ImageUploads;
import io.registry.content.image.Pusher;
import io.registry.content.image.VerifiedImages;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.manifest.UploadRefusal;
import io.registry.content.repository.ClientVersions;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.operations.transfer.ExportTarget.Outcome;
import io.registry.operations.transfer.Found.ByDigest;
import io.registry.operations.transfer.Found.Chain;
import io.registry.operations.transfer.Found.V1;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.BlobService;
import io.registry.service.ManifestPush;
import io.registry.service.ManifestService;
import io.registry.service.PushingClients;
import io.registry.service.RepositoryService;
import io.registry.service.TagService;
import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.ApplicationContext;

/**
 * Stores images by the rules and with the events of a push. Everything of an image is read and
 * compared before the first byte is written; what comes over a network is compared while it is
 * stored. Manifests come after what they name, and the tag comes last. For many threads.
 */
final class Importer {
  /** Who imports, in the audit and in events. */
  private static final Caller CALLER = new Caller.Privileged("import");

  private static final String ADDRESS = "import";
  private static final ClientVersions CLIENT = ClientVersions.NONE;
  private static final int REMEMBERED = 100_000;

  private final Tags tags;
  private final ImageReader images;
  private final VerifiedImages verified;
  private final ManifestService manifests;
  private final ManifestPush push;
  private final BlobService blobs;
  private final BlobStore store;
  private final RepositoryContent content;
  private final RepositoryService repositories;
  private final TagService tagService;
  private final PushingClients pushers;
  private final LayerScanner scanner;
  private final JsonCodec codec;
  private final ManifestParser parser;
  private final BlobWork work;
  private final boolean replaces;
  private final boolean dryRun;

  /** One thread stores a blob at a time; the others find it. */
  private final Map<Digest, Object> locks = new ConcurrentHashMap<>();

  /** The V1 images that were found to be equal to those that are there. */
  private final Cache<ImageId, Boolean> same =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  /**
   * An importer.
   *
   * @param work stores the blobs
   * @param replaces whether tags that name other images are moved
   * @param dryRun whether nothing is written
   */
  Importer(ApplicationContext registry, BlobWork work, boolean replaces, boolean dryRun) {
    this.tags = registry.getBean(Tags.class);
    this.images = registry.getBean("localImages", ImageReader.class);
    this.verified = registry.getBean(ImageUploads.class).verified();
    this.manifests = registry.getBean(ManifestService.class);
    this.push = registry.getBean(ManifestPush.class);
    this.blobs = registry.getBean(BlobService.class);
    this.store = registry.getBean(BlobStore.class);
    this.content = registry.getBean(RepositoryContent.class);
    this.repositories = registry.getBean(RepositoryService.class);
    this.tagService = registry.getBean(TagService.class);
    this.pushers = registry.getBean(PushingClients.class);
    this.scanner = registry.getBean(LayerScanner.class);
    this.codec = registry.getBean(JsonCodec.class);
    this.parser = new ManifestParser(codec);
    this.work = work;
    this.replaces = replaces;
    this.dryRun = dryRun;
  }

  /**
   * Stores an image.
   *
   * @param tag its tag; empty when it gets none
   * @throws RegistryException when a rule refuses it, or its name or id is taken
   * @throws RefusedException when the source lacks some of it
   * @throws IOException when the source cannot be read, or has other bytes than it says
   */
  Outcome add(Found image, RepositoryName repository, Optional<TagName> tag) throws IOException {
    tag.ifPresent(TagName::requireAllowed);
    return image instanceof ByDigest manifest
        ? add(manifest, repository, tag)
        : add((Chain) image, repository, tag.orElseThrow());
  }

  private void requireFree(RepositoryName repository, Optional<TagName> tag) {
    Optional<ImageId> set = tag.flatMap(name -> tags.get(repository, name));
    if (set.isPresent() && !replaces) {
      throw new RegistryException(
          Problem.CONFLICT,
          "The tag names another image already, %s: --replace moves it".formatted(set.get()));
    }
  }

  private Outcome add(ByDigest image, RepositoryName repository, Optional<TagName> tag)
      throws IOException {
    Digest digest = image.manifest().digest();
    boolean isThere =
        tag.isPresent()
            ? tags.get(repository, tag.get()).isPresent()
                && manifests
                    .original(repository, tag.get())
                    .filter(found -> found.digest().equals(digest))
                    .isPresent()
            : manifests.find(repository, digest).isPresent();
    if (isThere) {
      return new Outcome(Result.PRESENT, 0);
    }
    requireFree(repository, tag);
    Check check = new Check(image, repository);
    check.manifest(image.manifest(), image.bytes());
    if (dryRun) {
      return new Outcome(Result.WOULD, check.bytes);
    }
    work.each(
        check.blobs.entrySet(),
        blob -> {
          synchronized (locks.computeIfAbsent(blob.getKey(), key -> new Object())) {
            addBlob(repository, blob.getKey(), blob.getValue());
          }
        });
    for (Part part : check.manifests) {
      boolean isTop = part.descriptor().digest().equals(digest);
      push.put(
          new ManifestPush.Push(CALLER, ADDRESS, repository, CLIENT),
          Optional.of(part.descriptor().digest()),
          isTop ? tag.stream().toList() : List.of(),
          part.descriptor().mediaType(),
          part.bytes());
    }
    requireServed(repository, tag, digest);
    return new Outcome(Result.DONE, check.bytes);
  }

  private void requireServed(RepositoryName repository, Optional<TagName> tag, Digest digest) {
    boolean served =
        tag.isEmpty()
            || manifests
                .original(repository, tag.get())
                .filter(found -> found.digest().equals(digest))
                .isPresent();
    if (!served) {
      throw new RefusedException("The tag names another manifest afterwards");
    }
  }

  // Bytes that another repository has are not written again.
  private void addBlob(RepositoryName repository, Digest digest, Content bytes) throws IOException {
    OptionalLong size = store.size(digest);
    if (size.isPresent()) {
      repositories.create(CALLER, repository);
      content.addBlob(repository, digest, new BlobLink(size.getAsLong(), Optional.empty()));
      return;
    }
    try (InputStream in = bytes.open()) {
      blobs.receive(CALLER, repository, in, digest);
    } catch (UploadRefusal e) {
      throw new DamagedContentException("The bytes of " + digest + " have another digest");
    }
  }

  /** A manifest that is to be stored. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Part(Descriptor descriptor, byte[] bytes) {}

  /** Reads everything that an image needs and the repository does not have. */
  private final class Check {
    private final ByDigest image;
    private final RepositoryName repository;
    private final Map<Digest, Content> blobs = new LinkedHashMap<>();

    /** What a manifest names comes before it. */
    private final List<Part> manifests = new ArrayList<>();

    private final Set<Digest> seen = new HashSet<>();
    private int depth;
    private long bytes;

    Check(ByDigest image, RepositoryName repository) {
      this.image = image;
      this.repository = repository;
    }

    void manifest(Descriptor descriptor, byte[] json) throws IOException {
      if (!seen.add(descriptor.digest())) {
        return;
      }
      Manifest parsed = parser.parse(descriptor.mediaType(), json);
      for (Descriptor blob : parsed.blobs()) {
        blob(blob);
      }
      for (Manifest.Part child : parsed.children()) {
        child(child);
      }
      manifests.add(new Part(descriptor, json));
    }

    private void child(Manifest.Part child) throws IOException {
      Descriptor descriptor = child.descriptor();
      if (Importer.this.manifests.find(repository, descriptor.digest()).isPresent()) {
        return;
      }
      if (!descriptor.mediaType().contains("manifest")
          && !descriptor.mediaType().contains("index")) {
        blob(descriptor);
        return;
      }
      if (descriptor.size() > Sizes.MAX_DOCUMENT) {
        throw new RefusedException("The manifest " + descriptor.digest() + " is too large");
      }
      try (InputStream in = required(descriptor, image.blobs().findManifest(descriptor)).open()) {
        byte[] json = in.readNBytes((int) descriptor.size() + 1);
        if (!descriptor.digest().isDigestOf(json)) {
          throw new DamagedContentException(
              "The bytes of " + descriptor.digest() + " have another digest");
        }
        depth++;
        if (depth > Sizes.MAX_NESTED) {
          throw new RefusedException(
              "Manifests are nested more than " + Sizes.MAX_NESTED + " deep");
        }
        manifest(descriptor, json);
        depth--;
      }
    }

    private static Content required(Descriptor what, Optional<Content> found) {
      return found.orElseThrow(
          () -> new RefusedException("%s is named, and not there".formatted(what.digest())));
    }

    private void blob(Descriptor blob) throws IOException {
      if (!seen.add(blob.digest())) {
        return;
      }
      Optional<BridgedBlob> there = Importer.this.blobs.find(repository, blob.digest());
      if (there.filter(found -> !blob.hasSize() || found.size() == blob.size()).isPresent()) {
        return;
      }
      if (image.blobs().isFar() && store.size(blob.digest()).isPresent()) {
        // Opened only when it is removed meanwhile.
        blobs.put(blob.digest(), () -> required(blob, image.blobs().find(blob)).open());
        return;
      }
      Content found = required(blob, image.blobs().find(blob));
      if (!image.blobs().isFar()) {
        VerifiedCopy.copy(blob, found, OutputStream.nullOutputStream());
      }
      blobs.put(blob.digest(), found);
      bytes += Math.max(0, blob.size());
    }
  }

  private Outcome add(Chain image, RepositoryName repository, TagName tag) throws IOException {
    boolean isTagged =
        tags.get(repository, tag).filter(found -> found.equals(image.top())).isPresent();
    if (!isTagged) {
      requireFree(repository, Optional.of(tag));
    }
    List<ImageId> below = below(image);
    List<V1> missing = new ArrayList<>();
    long bytes = 0;
    Optional<ImageId> parent = below.stream().findFirst();
    for (V1 each : image.chain()) {
      verified.requireValid(each.id(), each.json());
      requireParent(each, parent);
      parent = Optional.of(each.id());
      if (verified.isComplete(each.id())) {
        requireSame(each);
      } else {
        bytes += scan(each).size();
        missing.add(each);
      }
    }
    if (missing.isEmpty() && isTagged) {
      return new Outcome(Result.PRESENT, 0);
    }
    if (dryRun) {
      return new Outcome(Result.WOULD, bytes);
    }
    Pusher pusher = pushers.into(repository, CALLER, ADDRESS);
    List<ImageId> ancestry = new ArrayList<>(below);
    for (V1 each : image.chain()) {
      ancestry.add(0, each.id());
      publish(each, ancestry, pusher);
    }
    repositories.announce(CALLER, repository, list(ancestry));
    tagService.set(CALLER, repository, tag, image.top().value(), CLIENT);
    return new Outcome(Result.DONE, bytes);
  }

  // What Docker up to 1.9 left out, because the other side had it.
  private List<ImageId> below(Chain image) {
    Optional<ImageId> parent = parent(image.chain().get(0));
    if (parent.isEmpty()) {
      return List.of();
    }
    if (!verified.isComplete(parent.get())) {
      throw new RefusedException(
          "The image builds on %s, which is neither there nor here".formatted(parent.get()));
    }
    return images.ancestry(parent.get());
  }

  private Optional<ImageId> parent(V1 image) {
    return codec
        .parse(image.json())
        .flatMap(json -> ImageId.find(json.path("parent").asString("")));
  }

  private void requireParent(V1 image, Optional<ImageId> expected) {
    if (!parent(image).equals(expected)) {
      throw new RefusedException("The parent of " + image.id() + " is another image");
    }
  }

  private ScannedLayer scan(V1 image) throws IOException {
    try (InputStream in = image.layer().open()) {
      return scanner.scan(in, () -> true);
    } catch (UnreadableLayerException e) {
      throw new DamagedContentException(
          "The layer of %s cannot be read: %s".formatted(image.id(), e.reason()));
    }
  }

  // Another daemon may have packed the same layer otherwise.
  private void requireSame(V1 image) throws IOException {
    if (same.getIfPresent(image.id()) != null) {
      return;
    }
    if (!Arrays.equals(images.describe(image.id()).json(), image.json())) {
      throw conflict(image, "description");
    }
    V1 stored =
        new V1(
            image.id(),
            image.json(),
            () -> {
              Blob layer = images.layer(image.id(), ByteRange.ALL);
              return new BlobStream(layer);
            });
    if (!isEqual(stored, image) && !scan(stored).diffId().equals(scan(image).diffId())) {
      throw conflict(image, "layer");
    }
    same.put(image.id(), true);
  }

  private static boolean isEqual(V1 one, V1 other) throws IOException {
    try (InputStream first = one.layer().open();
        InputStream second = other.layer().open()) {
      return Streams.areEqual(first, second);
    }
  }

  private static RegistryException conflict(V1 image, String part) {
    return new RegistryException(
        Problem.CONFLICT,
        "The image %s is there already, with another %s".formatted(image.id(), part));
  }

  private void publish(V1 image, List<ImageId> ancestry, Pusher pusher) {
    boolean published =
        !verified.isComplete(image.id())
            && verified.publish(
                new VerifiedImages.Description(image.id(), image.json(), ancestry),
                new VerifiedImages.LayerContent() {
                  @Override
                  public InputStream open() throws IOException {
                    return image.layer().open();
                  }

                  @Override
                  public void read(Checksum checksum) {}
                },
                pusher);
    if (!published) {
      verified.confirm(image.id(), image.json(), pusher);
    }
    same.put(image.id(), true);
  }

  private byte[] list(List<ImageId> ancestry) {
    List<ImageId> order = new ArrayList<>(ancestry);
    Collections.reverse(order);
    return codec.render(order.stream().map(id -> Map.of("id", id.value())).toList());
  }
}
