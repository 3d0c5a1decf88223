package io.registry.content.manifest;

import io.registry.content.defect.DamagedFiles;
import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageInspection;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.repository.TagName;
import io.registry.platform.concurrent.HashedCopies;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobContent;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Inspects what clients have pushed over V2 for defects, and changes nothing. It follows the order
 * in which a push writes, and looks a second time at what seems damaged, so that a push or a
 * removal at the same time is no defect.
 */
public final class ContentInspection {
  private static final BlobKey BLOBS = BlobStore.ROOT.child("blobs");
  private static final String BLOB = "blobs";
  private static final String MANIFEST = "manifests";
  private static final String REFERRER = "referrers";
  private static final String TAG = "tags";

  /** The names above the content of a repository: {@code repositories/NAMESPACE/NAME/_oci}. */
  private static final int DEPTH = 4;

  private static final int SMALL = 8 * 1024 * 1024;
  private static final int MAX_MANIFEST = 64 * 1024 * 1024;

  private final BlobStorage storage;
  private final BlobStore blobs;
  private final RepositoryInspection repositories;
  private final ManifestParser parser;
  private final JsonCodec codec;
  private final Semaphore readers;
  private final HashedCopies copies = new HashedCopies();
  private final boolean readBlobs;

  /**
   * Creates an inspection.
   *
   * @param storage the store
   * @param repositories reads tags
   * @param codec parses JSON
   * @param readers how many blobs are read concurrently
   * @param readBlobs whether each blob is read and compared with its digest; otherwise only
   *     manifests are
   */
  public ContentInspection(
      BlobStorage storage,
      RepositoryInspection repositories,
      JsonCodec codec,
      int readers,
      boolean readBlobs) {
    this.storage = storage;
    this.blobs = new BlobStore(storage);
    this.repositories = repositories;
    this.parser = new ManifestParser(codec);
    this.codec = codec;
    this.readers = new Semaphore(readers);
    this.readBlobs = readBlobs;
  }

  /** The place of a file among what a repository contains. */
  private record Place(BlobKey folder, BlobKey content, List<String> names) {
    static Place of(BlobKey file) {
      List<String> names = List.of(file.path().split("/", -1));
      return new Place(
          new BlobKey(String.join("/", names.subList(0, DEPTH - 1))),
          new BlobKey(String.join("/", names.subList(0, DEPTH))),
          names.subList(DEPTH, names.size()));
    }

    BlobKey content(String kind, Digest digest) {
      return content.child(kind).child(ContentInspection.name(digest));
    }

    String kind() {
      return names.get(0);
    }

    String name() {
      return names.get(names.size() - 1);
    }
  }

  /**
   * The files of all blobs and of what is known of V1 images, in no order, while they are found.
   *
   * @return their keys; the caller closes the stream
   */
  public Stream<BlobKey> blobs() {
    return Stream.concat(
        below(BLOBS).flatMap(this::below).flatMap(this::files),
        below(Origins.IMAGES).flatMap(this::files));
  }

  /**
   * The files of what a repository contains, in no order, while they are found.
   *
   * @param folder the folder of the repository
   * @return their keys; the caller closes the stream
   */
  public Stream<BlobKey> contents(BlobKey folder) {
    BlobKey content = RepositoryInspection.content(folder);
    return Stream.of(
            files(content.child(BLOB)),
            files(content.child(MANIFEST)),
            below(content.child(REFERRER)).flatMap(this::files),
            below(content.child(TAG)).flatMap(this::files))
        .flatMap(each -> each);
  }

  private Stream<BlobKey> below(BlobKey folder) {
    return storage.folders(folder).map(folder::child);
  }

  private Stream<BlobKey> files(BlobKey folder) {
    return storage.names(folder).map(folder::child);
  }

  /** Whether a file is a blob, and none that was moved out of the way. */
  public static boolean isBlob(BlobKey file) {
    String path = file.path();
    return path.startsWith(BLOBS.path())
        && !DamagedFiles.isOne(path.substring(path.lastIndexOf('/') + 1));
  }

  /** Whether a file says that a repository contains a manifest. */
  public static boolean isManifest(BlobKey file) {
    Place place = Place.of(file);
    return place.kind().equals(MANIFEST) && digest(place.name()).isPresent();
  }

  /**
   * Whether a repository contains a manifest.
   *
   * @param folder the folder of the repository
   * @param manifest what a tag of it names
   */
  public boolean hasManifest(BlobKey folder, ImageId manifest) {
    return Digest.find(manifest.value())
        .filter(
            digest ->
                storage.exists(
                    RepositoryInspection.content(folder).child(MANIFEST).child(name(digest))))
        .isPresent();
  }

  /**
   * Inspects a blob by itself.
   *
   * @param key of {@link #blobs()}; the blob need not exist any more
   * @throws StorageException when the store does not answer
   */
  public InspectedBlob inspectBlob(BlobKey key) {
    String name = key.path().substring(key.path().lastIndexOf('/') + 1);
    if (DamagedFiles.isOne(name)) {
      return new InspectedBlob(0, Optional.of(setAside(key)));
    }
    try {
      if (key.path().startsWith(Origins.IMAGES.path())) {
        return new InspectedBlob(0, lookAtOrigin(key));
      }
      String[] names = key.path().split("/", -1);
      Optional<Digest> digest = Digest.find(names[names.length - 3] + ":" + name);
      return digest.isPresent() && readBlobs && blobs.key(digest.get()).equals(key)
          ? read(key, digest.get())
          : new InspectedBlob(0, Optional.empty());
    } catch (StorageException e) {
      return new InspectedBlob(0, Optional.of(Defect.unreadable(storage, key, e)));
    }
  }

  private static Defect setAside(BlobKey key) {
    return Defect.of(DefectKind.SET_ASIDE, key, "A damaged file that was moved out of the way");
  }

  // A blob that seems damaged is read again.
  private InspectedBlob read(BlobKey key, Digest digest) {
    readers.acquireUninterruptibly();
    try {
      InspectedBlob first = compare(key, digest);
      return first.defect().isEmpty() ? first : compare(key, digest);
    } finally {
      readers.release();
    }
  }

  private InspectedBlob compare(BlobKey key, Digest digest) {
    Optional<Blob> found = storage.open(key, ByteRange.ALL);
    if (found.isEmpty()) {
      return new InspectedBlob(0, Optional.empty());
    }
    MessageDigest hash = digest.newHash();
    try (Blob blob = found.get()) {
      long size = copies.copy(blob.body(), OutputStream.nullOutputStream(), List.of(hash));
      return new InspectedBlob(
          size,
          digest.isOf(hash.digest())
              ? Optional.empty()
              : Optional.of(mismatch(key, blob.version())));
    } catch (IOException e) {
      throw new StorageException(
          StorageException.Reason.BROKEN, storage.describe(), "read", key, e);
    }
  }

  private static Defect mismatch(BlobKey key, String version) {
    return Defect.inFile(
        DefectKind.BLOB_MISMATCH, key, "The bytes are not those of the digest", version);
  }

  private Optional<Defect> lookAtOrigin(BlobKey key) {
    Optional<BlobContent> file = storage.load(key, SMALL);
    Optional<JsonNode> json = file.flatMap(this::parse);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    String digest = json.map(found -> found.path("digest").asString("")).orElse("");
    if (json.isEmpty() || (!digest.isEmpty() && Digest.find(digest).isEmpty())) {
      return Optional.of(broken(key, file.get()));
    }
    return Digest.find(digest)
        .filter(manifest -> blobs.size(manifest).isEmpty())
        .map(
            manifest ->
                Defect.of(
                    DefectKind.MANIFEST_MISSING,
                    key,
                    "The manifest that the image came with is lost: " + manifest));
  }

  /**
   * Inspects a file of what a repository contains.
   *
   * @param file of {@link #contents}; it need not exist any more
   * @return the defects of the file, and of what it leads to
   * @throws StorageException when the store does not answer
   */
  public List<Defect> inspect(BlobKey file) {
    if (DamagedFiles.isOne(Place.of(file).name())) {
      return List.of(setAside(file));
    }
    List<Defect> found = look(file);
    if (found.isEmpty()) {
      return found;
    }
    List<Defect> again = look(file);
    return found.stream().filter(again::contains).toList();
  }

  private List<Defect> look(BlobKey file) {
    Place place = Place.of(file);
    Optional<Digest> digest = digest(place.name());
    try {
      Optional<BlobContent> content = storage.load(file, SMALL);
      if (content.isEmpty()) {
        return List.of();
      }
      if (place.kind().equals(TAG)) {
        return lookAtTag(place, file, content.get());
      }
      if (digest.isEmpty()) {
        return List.of();
      }
      return switch (place.kind()) {
        case BLOB -> lookAtBlob(file, digest.get(), content.get());
        case MANIFEST -> lookAtManifest(place, file, digest.get(), content.get());
        default -> lookAtReferrer(file, digest.get(), content.get());
      };
    } catch (StorageException e) {
      return List.of(Defect.unreadable(storage, file, e));
    }
  }

  private List<Defect> lookAtBlob(BlobKey file, Digest digest, BlobContent content) {
    Optional<BlobLink> link = link(content);
    if (link.isEmpty()) {
      return List.of(broken(file, content));
    }
    // A layer of a V1 image is lost for the manifests that name it, if there are any.
    return link.get().layerOf().isPresent()
        ? List.of()
        : lookAtBytes(file, digest, link.get().size(), content.version()).stream().toList();
  }

  private Optional<Defect> lookAtBytes(BlobKey file, Digest digest, long size, String version) {
    Optional<BlobInfo> info = storage.stat(blobs.key(digest));
    if (info.isEmpty()) {
      return Optional.of(
          Defect.inFile(DefectKind.BLOB_MISSING, file, "The bytes of the blob are lost", version));
    }
    return info.get().size() == size
        ? Optional.empty()
        : Optional.of(
            Defect.inFile(
                DefectKind.BLOB_MISMATCH,
                file,
                "The blob has %d bytes, not %d".formatted(info.get().size(), size),
                version));
  }

  private List<Defect> lookAtManifest(
      Place place, BlobKey file, Digest digest, BlobContent content) {
    Optional<JsonNode> json = parse(content);
    Optional<Long> size =
        json.map(found -> found.path("size"))
            .filter(JsonNode::isIntegralNumber)
            .map(JsonNode::longValue);
    String mediaType = json.map(found -> found.path("mediaType").asString("")).orElse("");
    if (size.isEmpty() || mediaType.isEmpty()) {
      return List.of(broken(file, content));
    }
    Optional<Defect> bytes = lookAtBytes(file, digest, size.get(), content.version());
    if (bytes.isPresent()) {
      return List.of(
          bytes
              .filter(defect -> defect.kind() != DefectKind.BLOB_MISSING)
              .orElseGet(
                  () ->
                      Defect.inFile(
                          DefectKind.MANIFEST_MISSING,
                          file,
                          "The bytes of the manifest are lost",
                          content.version())));
    }
    List<Defect> defects =
        new ArrayList<>(
            lookInto(place, file, digest, mediaType, json.flatMap(ContentInspection::image)));
    json.flatMap(RepositoryContent::signedForm)
        .flatMap(form -> lookAtSignatures(file, digest, form, content.version()))
        .ifPresent(defects::add);
    return defects;
  }

  private Optional<Defect> lookAtSignatures(
      BlobKey file, Digest digest, SignedForm form, String version) {
    Optional<byte[]> payload =
        storage.read(blobs.key(digest), MAX_MANIFEST).filter(digest::isDigestOf);
    return payload
        .filter(bytes -> !isSigned(bytes, form))
        .map(
            bytes ->
                Defect.inFile(
                    DefectKind.MANIFEST_UNVERIFIED,
                    file,
                    "A signature of the manifest does not verify",
                    version));
  }

  private boolean isSigned(byte[] payload, SignedForm form) {
    try {
      return Arrays.equals(parser.content(form.document(payload)), payload);
    } catch (RegistryException e) {
      return false;
    }
  }

  private static Optional<ImageId> image(JsonNode json) {
    return ImageId.find(json.path("image").asString(""));
  }

  private List<Defect> lookInto(
      Place place, BlobKey file, Digest digest, String mediaType, Optional<ImageId> image) {
    readers.acquireUninterruptibly();
    try {
      Optional<BlobContent> stored = storage.load(blobs.key(digest), MAX_MANIFEST);
      if (stored.isEmpty()) {
        return List.of();
      }
      if (!digest.isDigestOf(stored.get().bytes())) {
        // Where blobs are read, it is known already.
        return readBlobs ? List.of() : List.of(mismatch(blobs.key(digest), stored.get().version()));
      }
      Optional<Manifest> manifest = manifest(mediaType, stored.get().bytes());
      return manifest.isPresent()
          ? lookInto(place, file, digest, manifest.get(), image)
          : List.of();
    } finally {
      readers.release();
    }
  }

  // Empty when a registry with other rules has accepted it: clients get it as it is.
  private Optional<Manifest> manifest(String mediaType, byte[] bytes) {
    try {
      return Optional.of(parser.parse(mediaType, bytes));
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  private List<Defect> lookInto(
      Place place, BlobKey file, Digest digest, Manifest manifest, Optional<ImageId> image) {
    List<Defect> defects = new ArrayList<>();
    List<Descriptor> missing =
        manifest.blobs().stream().filter(blob -> isMissing(place, blob)).toList();
    if (!missing.isEmpty()) {
      defects.add(
          Defect.of(
              DefectKind.BLOB_MISSING,
              file,
              "The repository lacks %d blobs of the manifest, the first one is %s"
                  .formatted(missing.size(), missing.get(0).digest())));
    }
    // Manifests that a repository has taken over with a V1 image are listed nowhere.
    manifest
        .subject()
        .filter(subject -> image.isEmpty())
        .map(
            subject ->
                place.content().child(REFERRER).child(name(subject.digest())).child(name(digest)))
        .filter(referrer -> !storage.exists(referrer))
        .ifPresent(
            referrer ->
                defects.add(
                    Defect.of(
                        DefectKind.REFERRER_MISSING,
                        referrer,
                        "The manifest is not listed as a referrer")));
    // A mirror fetches what it lacks, and has no tags and lists. A removal ends with the content.
    return defects.isEmpty() || repositories.exists(place.folder()) ? defects : List.of();
  }

  private boolean isMissing(Place place, Descriptor blob) {
    Optional<BlobContent> content = storage.load(place.content(BLOB, blob.digest()), SMALL);
    if (content.isEmpty()) {
      return true;
    }
    Optional<BlobLink> link = link(content.get());
    return link.flatMap(BlobLink::layerOf).isPresent()
        && storage
            .stat(ImageInspection.layer(link.get().layerOf().get()))
            .filter(layer -> layer.size() == link.get().size())
            .isEmpty();
  }

  private List<Defect> lookAtReferrer(BlobKey file, Digest digest, BlobContent content) {
    boolean isOne =
        parse(content)
            .filter(json -> json.path("digest").asString("").equals(digest.toString()))
            .isPresent();
    return isOne ? List.of() : List.of(broken(file, content));
  }

  private List<Defect> lookAtTag(Place place, BlobKey file, BlobContent content) {
    Optional<Digest> digest = Digest.find(new String(content.bytes(), StandardCharsets.US_ASCII));
    if (digest.isEmpty()) {
      return List.of(broken(file, content));
    }
    Optional<ImageId> image = ImageId.find(place.name());
    boolean isServed =
        image.isPresent()
            && TagName.find(place.names().get(1))
                .flatMap(tag -> repositories.tagged(place.folder(), tag))
                .equals(image);
    return isServed && !storage.exists(place.content(MANIFEST, digest.get()))
        ? List.of(
            Defect.of(
                DefectKind.MANIFEST_MISSING,
                file,
                "The repository lacks the manifest that the tag serves: " + digest.get()))
        : List.of();
  }

  private Optional<BlobLink> link(BlobContent content) {
    return parse(content)
        .filter(json -> json.path("size").isIntegralNumber())
        .map(
            json ->
                new BlobLink(
                    json.path("size").longValue(),
                    ImageId.find(json.path("layerOf").asString(""))));
  }

  private Optional<JsonNode> parse(BlobContent content) {
    return codec.parse(content.bytes()).filter(JsonNode::isObject);
  }

  private static Defect broken(BlobKey file, BlobContent content) {
    return Defect.inFile(
        DefectKind.CONTENT_BROKEN, file, "The file is not what it should be", content.version());
  }

  private static String name(Digest digest) {
    return digest.algorithm() + "-" + digest.hex();
  }

  private static Optional<Digest> digest(String name) {
    return Digest.find(name.replaceFirst("-", ":"));
  }
}
