package io.registry.operations.collect;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageInspection;
import io.registry.content.liveness.ContentUnit;
import io.registry.content.liveness.LiveContent;
import io.registry.content.liveness.LivenessRoot;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.repository.RepositoryName;
import io.registry.content.walk.IdSort;
import io.registry.content.walk.IdTable;
import io.registry.content.walk.OrderedWork;
import io.registry.operations.collect.DeadUnit.DeadFile;
import io.registry.operations.collect.DeadUnit.Kind;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import tools.jackson.databind.JsonNode;

/**
 * Walks through a store, follows everything that keeps content alive, and finds what is left over.
 * Of each image and each blob it has 33 bytes in a file and 2 bits in memory; of one repository at
 * a time, everything. Changes nothing. For one thread, which others help.
 *
 * <p>Names are listed before anything is followed: content that comes later is not known, and so
 * never dead.
 */
final class Mark {
  private static final BlobKey IMAGES = BlobKey.of("images");
  private static final BlobKey STAGING = BlobKey.of("_staging");
  private static final BlobKey BLOBS = new BlobKey("_oci/blobs");
  private static final BlobKey ORIGINS = new BlobKey("_oci/images");
  private static final int IDS_IN_MEMORY = 50_000;
  private static final int SMALL = 64 * 1024 * 1024;

  private final BlobStorage storage;
  private final JsonCodec codec;
  private final List<LivenessRoot> roots;
  private final Function<RepositoryName, BlobKey> contentFolders;
  private final RepositoryMark.Ages ages;
  private final OrderedWork work;
  private final Runnable beat;
  private final BlobStore blobs;
  private final ManifestParser parser;
  private final DeadUnits dead;

  private final IdTable images;
  private final BitSet liveImages = new BitSet();
  private final IdTable bytes;
  private final BitSet liveBytes = new BitSet();
  private boolean keepsImages;
  private boolean keepsBytes;
  private boolean isForeign;

  private Mark(Setup setup, RepositoryMark.Ages ages, DeadUnits dead) throws IOException {
    this.storage = setup.storage();
    this.codec = setup.codec();
    this.roots = setup.roots();
    this.contentFolders = setup.contentFolders();
    this.work = setup.work();
    this.beat = setup.beat();
    this.ages = ages;
    this.dead = dead;
    this.blobs = new BlobStore(storage);
    this.parser = new ManifestParser(codec);
    Path imageIds = dead.folder().resolve("images.ids");
    IdSort imageSort = new IdSort(dead.folder(), IDS_IN_MEMORY);
    addAll(imageSort, storage.folders(IMAGES).flatMap(name -> ImageId.find(name).stream()));
    imageSort.writeTo(imageIds);
    this.images = new IdTable(imageIds);
    Path blobIds = dead.folder().resolve("blobs.ids");
    IdSort blobSort = new IdSort(dead.folder(), IDS_IN_MEMORY);
    addAll(
        blobSort,
        below(BLOBS)
            .flatMap(this::below)
            .flatMap(folder -> storage.names(folder).map(folder::child))
            .flatMap(key -> digest(key).stream())
            .map(Mark::id));
    blobSort.writeTo(blobIds);
    this.bytes = new IdTable(blobIds);
  }

  /**
   * What every walk needs.
   *
   * @param storage the store, as it is
   * @param codec reads JSON
   * @param roots keep content alive besides tags
   * @param contentFolders where a repository has what it contains by digest
   * @param work reads small files
   * @param beat is called again and again, and may throw to end the walk
   */
  record Setup(
      BlobStorage storage,
      JsonCodec codec,
      List<LivenessRoot> roots,
      Function<RepositoryName, BlobKey> contentFolders,
      OrderedWork work,
      Runnable beat) {
    Setup {
      roots = List.copyOf(roots);
    }
  }

  /**
   * Finds what is dead.
   *
   * @return what is dead, which the caller closes
   * @throws RefusedException when another program seems to write to the store
   */
  static DeadUnits run(Setup setup, RepositoryMark.Ages ages) throws IOException {
    DeadUnits dead = DeadUnits.create();
    boolean done = false;
    try {
      new Mark(setup, ages, dead).run();
      done = true;
      return dead;
    } finally {
      if (!done) {
        dead.close();
      }
    }
  }

  private static void addAll(IdSort sort, Stream<ImageId> ids) throws IOException {
    try (ids) {
      for (Iterator<ImageId> each = ids.iterator(); each.hasNext(); ) {
        sort.add(each.next());
      }
    }
  }

  private Stream<BlobKey> below(BlobKey folder) {
    return storage.folders(folder).map(folder::child);
  }

  private static Optional<Digest> digest(BlobKey blob) {
    String[] names = blob.path().split("/", -1);
    return Digest.find(names[2] + ":" + names[names.length - 1]);
  }

  // The tables have room for 256 bits.
  private static ImageId id(Digest digest) {
    return new ImageId(digest.isSha256() ? digest.hex() : DigestUtils.sha256Hex(digest.toString()));
  }

  private void run() throws IOException {
    Map<BlobKey, RepositoryMark.Kept> kept = new HashMap<>();
    BitSet found = new BitSet();
    askRoots(kept, found);
    markRepositories(kept, found);
    markStaging(found);
    markImages(found);
    lookAtOthers(found);
    markImages(found);
    markOrigins();
    if (isForeign) {
      throw new RefusedException(
          "The Python registry seems to write to this store: an image is being pushed that no"
              + " registry of this version has begun. Stop it first");
    }
    addDeadImages();
    addDeadBytes();
  }

  private void askRoots(Map<BlobKey, RepositoryMark.Kept> kept, BitSet found) {
    LiveContent live =
        new LiveContent() {
          @Override
          public void manifest(RepositoryName repository, Digest digest) {
            in(repository).manifests().add(digest);
            keepManifest(digest, "");
          }

          @Override
          public void blob(RepositoryName repository, Digest digest) {
            in(repository).blobs().add(digest);
            keep(digest);
          }

          @Override
          public void image(ImageId image) {
            note(image, found);
          }

          private RepositoryMark.Kept in(RepositoryName repository) {
            return kept.computeIfAbsent(
                contentFolders.apply(repository),
                any -> new RepositoryMark.Kept(new HashSet<>(), new HashSet<>()));
          }
        };
    roots.forEach(root -> root.contribute(live));
  }

  private void note(ImageId image, BitSet found) {
    int index = image.isManifest() ? IdTable.UNKNOWN : images.find(image);
    if (index >= 0) {
      found.set(index);
    }
  }

  private void keep(Digest digest) {
    int index = bytes.find(id(digest));
    if (index >= 0) {
      liveBytes.set(index);
    }
  }

  // Of a manifest that no repository has to contain.
  private void keepManifest(Digest top, String mediaType) {
    Deque<Descriptor> next = new ArrayDeque<>(List.of(new Descriptor(mediaType, top, 0)));
    Set<Digest> seen = new HashSet<>();
    while (!next.isEmpty()) {
      Descriptor descriptor = next.remove();
      Digest digest = descriptor.digest();
      keep(digest);
      if (!seen.add(digest)) {
        continue;
      }
      Optional<byte[]> text = storage.read(blobs.key(digest), SMALL);
      if (text.isEmpty()) {
        continue;
      }
      try {
        Manifest manifest = parser.parse(descriptor.mediaType(), text.get());
        manifest.blobs().forEach(blob -> keep(blob.digest()));
        for (Manifest.Part child : manifest.children()) {
          keep(child.descriptor().digest());
          next.add(child.descriptor());
        }
      } catch (RegistryException e) {
        if (digest.equals(top)) {
          keepsBytes = true;
          dead.problem(blobs.key(digest) + ": the manifest cannot be read");
        }
      }
    }
  }

  private void markRepositories(Map<BlobKey, RepositoryMark.Kept> kept, BitSet found) {
    RepositoryMark repository = new RepositoryMark(storage, codec, ages);
    try (Stream<BlobKey> folders = new RepositoryInspection(storage, codec).folders()) {
      work.run(
          folders.iterator(),
          folder ->
              repository.mark(
                  folder,
                  kept.getOrDefault(
                      RepositoryInspection.content(folder), RepositoryMark.Kept.NOTHING)),
          marked -> {
            beat.run();
            marked.bytes().forEach(this::keep);
            marked.images().forEach(image -> note(image, found));
            marked.dead().forEach(dead::add);
            marked.problems().forEach(dead::problem);
            keepsImages |= marked.mayLeadToImages();
          });
    }
  }

  // An upload needs the images that it builds upon.
  private void markStaging(BitSet found) {
    try (Stream<String> names = storage.folders(STAGING)) {
      for (String name : (Iterable<String>) names::iterator) {
        Optional<ImageId> image = ImageId.find(name);
        if (image.isEmpty()) {
          continue;
        }
        note(image.get(), found);
        for (BlobKey place : below(STAGING.child(name)).toList()) {
          try (Stream<String> files = storage.names(place)) {
            files
                .filter(file -> file.startsWith("json_"))
                .flatMap(file -> parent(place.child(file)).stream())
                .forEach(parent -> note(parent, found));
          }
        }
      }
    }
  }

  private Optional<ImageId> parent(BlobKey json) {
    return storage
        .read(json, SMALL)
        .flatMap(codec::parse)
        .flatMap(image -> ImageId.find(image.path("parent").asString("")));
  }

  /** What one image leads to. */
  private record Lineage(List<ImageId> ancestors, Optional<String> problem) {}

  private void markImages(BitSet found) {
    found.andNot(liveImages);
    work.run(
        found.stream().iterator(),
        index -> lineage(images.id(index)),
        lineage -> {
          beat.run();
          lineage.problem().ifPresent(this::keepImages);
          for (ImageId ancestor : lineage.ancestors()) {
            int known = images.find(ancestor);
            if (known >= 0) {
              liveImages.set(known);
            }
          }
        });
    found.clear();
  }

  private void keepImages(String problem) {
    keepsImages = true;
    dead.problem(problem);
  }

  private Lineage lineage(ImageId image) {
    List<ImageId> chain = new ArrayList<>(List.of(image));
    try {
      Optional<List<ImageId>> ancestry =
          storage
              .read(ImageInspection.ancestry(image), SMALL)
              .flatMap(codec::parse)
              .flatMap(json -> ancestry(image, json));
      if (ancestry.isPresent()) {
        return new Lineage(ancestry.get(), Optional.empty());
      }
      Optional<ImageId> next = Optional.of(image);
      while (next.isPresent() && chain.size() <= ImageInspection.maxAncestry()) {
        BlobKey file = ImageInspection.folder(next.get()).child("json");
        Optional<byte[]> text = storage.read(file, SMALL);
        Optional<JsonNode> json = text.flatMap(codec::parse).filter(JsonNode::isObject);
        if (text.isPresent() && json.isEmpty()) {
          return new Lineage(chain, Optional.of(file + ": the file is not what it should be"));
        }
        next = json.flatMap(found -> ImageId.find(found.path("parent").asString("")));
        next.ifPresent(chain::add);
      }
      return new Lineage(chain, Optional.empty());
    } catch (StorageException e) {
      return new Lineage(chain, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private static Optional<List<ImageId>> ancestry(ImageId image, JsonNode json) {
    List<ImageId> ids = new ArrayList<>();
    json.forEach(id -> ImageId.find(id.asString("")).ifPresent(ids::add));
    return json.isArray() && ids.size() == json.size() && !ids.isEmpty() && ids.get(0).equals(image)
        ? Optional.of(ids)
        : Optional.empty();
  }

  /** An image that no tag leads to. */
  private record Other(int index, List<BlobEntry> files, List<ImageId> ancestors) {}

  // What was written a short while ago stays, and what is not finished.
  private void lookAtOthers(BitSet found) {
    BitSet rest = new BitSet();
    rest.set(0, images.size());
    rest.andNot(liveImages);
    work.run(
        rest.stream().iterator(),
        this::look,
        other -> {
          beat.run();
          boolean isYoung =
              other.files().stream().anyMatch(file -> file.modified().isAfter(ages.content()));
          boolean isClaimed = has(other, "_claim_");
          isForeign |= isYoung && !isClaimed && isPushedByTheOriginal(other);
          if (isYoung || isClaimed) {
            found.set(other.index());
          }
        });
  }

  private static boolean has(Other other, String prefix) {
    return other.files().stream().anyMatch(file -> file.name().startsWith(prefix));
  }

  // It writes the JSON and the mark first; this registry publishes complete folders.
  private boolean isPushedByTheOriginal(Other other) {
    return has(other, "_inprogress") && has(other, "json") && !has(other, "layer");
  }

  private Other look(int index) {
    ImageId image = images.id(index);
    try (Stream<BlobEntry> files = storage.list(ImageInspection.folder(image))) {
      return new Other(index, files.toList(), List.of());
    }
  }

  /** What is known of an image that was pushed over V2. */
  private record Origin(BlobEntry file, BlobKey key, int index) {}

  private final Map<Integer, Origin> deadOrigins = new HashMap<>();

  // The manifest that an image came with stays with the image.
  private void markOrigins() {
    try (Stream<BlobKey> folders = below(ORIGINS)) {
      for (BlobKey folder : (Iterable<BlobKey>) folders::iterator) {
        try (Stream<BlobEntry> files = storage.list(folder)) {
          files.forEach(file -> markOrigin(folder.child(file.name()), file));
        }
      }
    }
    BitSet live = (BitSet) liveImages.clone();
    work.run(
        live.stream().iterator(),
        index -> pointed(images.id(index)),
        target -> {
          beat.run();
          target.ifPresent(this::keep);
        });
  }

  private void markOrigin(BlobKey key, BlobEntry file) {
    Optional<ImageId> image = ImageId.find(file.name());
    if (image.isEmpty()) {
      return;
    }
    int index = images.find(image.get());
    if (index >= 0 && liveImages.get(index)) {
      Optional<JsonNode> json = storage.read(key, SMALL).flatMap(codec::parse);
      json.flatMap(origin -> Digest.find(origin.path("digest").asString("")))
          .ifPresent(digest -> keepManifest(digest, json.get().path("mediaType").asString("")));
    } else if (index >= 0) {
      deadOrigins.put(index, new Origin(file, key, index));
    } else if (!file.modified().isAfter(ages.content())) {
      dead.add(
          new DeadUnit(
              Kind.IMAGE,
              Kind.IMAGE.order(),
              ContentUnit.of(image.get()),
              List.of(),
              List.of(dead(key, file))));
    }
  }

  private Optional<Digest> pointed(ImageId image) {
    return storage
        .read(ImageInspection.folder(image).child("_layer"), SMALL)
        .map(text -> new String(text, StandardCharsets.UTF_8).strip())
        .filter(path -> path.startsWith(BLOBS.path() + "/"))
        .flatMap(path -> digest(new BlobKey(path)));
  }

  private static DeadFile dead(BlobKey key, BlobEntry file) {
    return new DeadFile(key, file.info().version(), file.info().size());
  }

  private void addDeadImages() {
    if (keepsImages) {
      return;
    }
    BitSet rest = new BitSet();
    rest.set(0, images.size());
    rest.andNot(liveImages);
    work.run(
        rest.stream().iterator(),
        index -> {
          Other other = look(index);
          return new Other(index, other.files(), lineage(images.id(index)).ancestors());
        },
        this::addDeadImage);
  }

  private void addDeadImage(Other other) {
    beat.run();
    ImageId image = images.id(other.index());
    BlobKey folder = ImageInspection.folder(image);
    List<DeadFile> files = new ArrayList<>();
    // Without its JSON an image is not there.
    other.files().stream()
        .sorted((one, two) -> Boolean.compare(two.name().equals("json"), one.name().equals("json")))
        .map(file -> dead(folder.child(file.name()), file))
        .forEach(files::add);
    Origin origin = deadOrigins.get(other.index());
    if (origin != null) {
      files.add(dead(origin.key(), origin.file()));
    }
    if (files.isEmpty()) {
      return;
    }
    List<String> needs = new ArrayList<>();
    other.ancestors().stream()
        .filter(ancestor -> !ancestor.equals(image))
        .map(ancestor -> ContentUnit.of(ancestor).name())
        .forEach(needs::add);
    pointed(image).map(blobs::key).map(ContentUnit::new).ifPresent(unit -> needs.add(unit.name()));
    int depth = Math.min(other.ancestors().size(), ImageInspection.maxAncestry());
    dead.add(
        new DeadUnit(
            Kind.IMAGE,
            Kind.IMAGE.order() + ImageInspection.maxAncestry() - depth,
            ContentUnit.of(image),
            needs,
            files));
  }

  private void addDeadBytes() {
    if (keepsBytes || keepsImages) {
      return;
    }
    try (Stream<BlobKey> folders = below(BLOBS).flatMap(this::below)) {
      for (BlobKey folder : (Iterable<BlobKey>) folders::iterator) {
        beat.run();
        try (Stream<BlobEntry> files = storage.list(folder)) {
          files
              .filter(file -> !file.modified().isAfter(ages.content()))
              .forEach(file -> addDeadBytes(folder.child(file.name()), file));
        }
      }
    }
  }

  private void addDeadBytes(BlobKey key, BlobEntry file) {
    int index = digest(key).map(digest -> bytes.find(id(digest))).orElse(IdTable.UNKNOWN);
    if (index >= 0 && !liveBytes.get(index)) {
      dead.add(
          new DeadUnit(
              Kind.BYTES,
              Kind.BYTES.order(),
              new ContentUnit(key),
              List.of(),
              List.of(dead(key, file))));
    }
  }
}
