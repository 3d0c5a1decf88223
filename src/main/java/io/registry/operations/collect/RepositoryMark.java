package io.registry.operations.collect;

import io.registry.content.defect.DamagedFiles;
import io.registry.content.image.ImageId;
import io.registry.content.liveness.ContentUnit;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.repository.InspectedFile;
import io.registry.content.repository.RepositoryInspection;
import io.registry.operations.collect.DeadUnit.DeadFile;
import io.registry.operations.collect.DeadUnit.Kind;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What one repository keeps alive, and which of its files nothing keeps alive. If a file cannot be
 * read, everything that the repository contains stays. Its memory grows with the repository.
 */
final class RepositoryMark {
  private static final int SMALL = 8 * 1024 * 1024;
  private static final int MAX_MANIFEST = 64 * 1024 * 1024;

  private final BlobStorage storage;
  private final RepositoryInspection inspection;
  private final BlobStore blobs;
  private final ManifestParser parser;
  private final JsonCodec codec;
  private final Ages ages;

  RepositoryMark(BlobStorage storage, JsonCodec codec, Ages ages) {
    this.storage = storage;
    this.inspection = new RepositoryInspection(storage, codec);
    this.blobs = new BlobStore(storage);
    this.parser = new ManifestParser(codec);
    this.codec = codec;
    this.ages = ages;
  }

  /**
   * Files that were written after these moments stay.
   *
   * @param content of any kind
   * @param untagged manifests that no tag reaches
   */
  record Ages(Instant content, Instant untagged) {}

  /**
   * What other roots keep in a repository.
   *
   * @param manifests the digests of manifests
   * @param blobs the digests of blobs
   */
  record Kept(Set<Digest> manifests, Set<Digest> blobs) {
    static final Kept NOTHING = new Kept(Set.of(), Set.of());
  }

  /**
   * The result.
   *
   * @param bytes the blobs that stay
   * @param images the images that stay
   * @param dead what does not
   * @param problems what could not be read
   * @param mayLeadToImages whether that may lead to images
   */
  record Marked(
      Set<Digest> bytes,
      Set<ImageId> images,
      List<DeadUnit> dead,
      List<String> problems,
      boolean mayLeadToImages) {}

  Marked mark(BlobKey folder, Kept kept) {
    return new Walk(folder, kept).run();
  }

  /** A manifest of the repository. */
  private record Link(
      BlobEntry file, Optional<Digest> subject, Optional<ImageId> image, Manifest manifest) {}

  private final class Walk {
    private final BlobKey folder;
    private final BlobKey content;
    private final Kept kept;
    private final Set<ImageId> tagged = new HashSet<>();
    private final Map<String, String> tags = new HashMap<>();
    private final Map<Digest, Link> manifests = new LinkedHashMap<>();
    private final Map<Digest, BlobEntry> links = new LinkedHashMap<>();
    private final Map<Digest, ImageId> layersOf = new HashMap<>();
    private final Set<Digest> all = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private boolean mayLeadToImages;

    Walk(BlobKey folder, Kept kept) {
      this.folder = folder;
      this.content = RepositoryInspection.content(folder);
      this.kept = kept;
    }

    Marked run() {
      readTags();
      List<BlobEntry> manifestFiles = entries(content.child("manifests"));
      manifestFiles.forEach(this::readManifest);
      entries(content.child("blobs")).forEach(this::readLink);
      Set<Digest> live = new HashSet<>();
      Set<Digest> liveManifests = new HashSet<>();
      List<DeadUnit> dead = new ArrayList<>();
      List<DeadUnit> deadTags = deadTags();
      reach(liveManifests, live);
      if (!problems.isEmpty()) {
        live.addAll(all);
      } else {
        addDeadManifests(liveManifests, dead);
        dead.addAll(deadTags);
        addDeadLinks(live, dead);
      }
      Set<ImageId> images = new HashSet<>();
      tagged.stream().filter(image -> !image.isManifest()).forEach(images::add);
      layersOf.forEach(
          (digest, image) -> {
            if (live.contains(digest)) {
              images.add(image);
            }
          });
      return new Marked(live, images, dead, problems, mayLeadToImages);
    }

    private List<BlobEntry> entries(BlobKey prefix) {
      try (Stream<BlobEntry> files = storage.list(prefix)) {
        return files.toList();
      }
    }

    private void readTags() {
      try (Stream<BlobKey> files = inspection.files(folder)) {
        for (BlobKey file : (Iterable<BlobKey>) files::iterator) {
          InspectedFile found = inspection.inspect(file);
          found
              .tagged()
              .ifPresent(
                  image -> {
                    tagged.add(image);
                    RepositoryInspection.tagOf(file).ifPresent(tag -> tags.put(tag, image.value()));
                  });
          found
              .defect()
              .filter(defect -> !DamagedFiles.isOne(name(file)))
              .ifPresent(
                  defect -> {
                    problems.add(defect.key() + ": " + defect.text());
                    mayLeadToImages = true;
                  });
        }
      }
    }

    private static String name(BlobKey key) {
      return key.path().substring(key.path().lastIndexOf('/') + 1);
    }

    private Optional<JsonNode> read(BlobKey key) {
      try {
        Optional<byte[]> bytes = storage.read(key, SMALL);
        if (bytes.isEmpty()) {
          return Optional.empty();
        }
        Optional<JsonNode> json = bytes.flatMap(codec::parse).filter(JsonNode::isObject);
        if (json.isEmpty()) {
          problems.add(key + ": the file is not what it should be");
        }
        return json;
      } catch (StorageException e) {
        problems.add(key + ": " + e.getMessage());
        return Optional.empty();
      }
    }

    private void readManifest(BlobEntry file) {
      Optional<Digest> digest = digest(file.name());
      if (digest.isEmpty()) {
        return;
      }
      all.add(digest.get());
      Optional<JsonNode> json = read(content.child("manifests").child(file.name()));
      if (json.isEmpty()) {
        return;
      }
      Optional<Manifest> manifest =
          manifest(digest.get(), json.get().path("mediaType").asString(""));
      if (manifest.isEmpty()) {
        problems.add(
            content.child("manifests").child(file.name()) + ": the manifest cannot be read");
        return;
      }
      manifests.put(
          digest.get(),
          new Link(
              file,
              Digest.find(json.get().path("subject").asString("")),
              ImageId.find(json.get().path("image").asString("")),
              manifest.get()));
    }

    private Optional<Manifest> manifest(Digest digest, String type) {
      try {
        return storage
            .read(blobs.key(digest), MAX_MANIFEST)
            .filter(digest::isDigestOf)
            .map(bytes -> parser.parse(type, bytes));
      } catch (StorageException | RegistryException e) {
        return Optional.empty();
      }
    }

    private void readLink(BlobEntry file) {
      Optional<Digest> digest = digest(file.name());
      if (digest.isEmpty()) {
        return;
      }
      all.add(digest.get());
      Optional<JsonNode> json = read(content.child("blobs").child(file.name()));
      if (json.isEmpty()) {
        // It may say that the bytes are in the layer of an image.
        mayLeadToImages = true;
        return;
      }
      links.put(digest.get(), file);
      ImageId.find(json.get().path("layerOf").asString(""))
          .ifPresent(image -> layersOf.put(digest.get(), image));
    }

    // A tag may have an older file for another image, which does not count any more.
    private List<DeadUnit> deadTags() {
      List<DeadUnit> dead = new ArrayList<>();
      BlobKey place = content.child("tags");
      List<String> names;
      try (Stream<String> folders = storage.folders(place)) {
        names = folders.toList();
      }
      for (String tag : names) {
        for (BlobEntry file : entries(place.child(tag))) {
          BlobKey key = place.child(tag).child(file.name());
          boolean isServed = isTagged(tag, file.name());
          Optional<Digest> served = served(key);
          if (isServed && served.isPresent()) {
            servedByTags.add(served.get());
          } else if (!isServed && !isYoung(file)) {
            dead.add(
                new DeadUnit(
                    Kind.TAG,
                    Kind.TAG.order(),
                    new ContentUnit(key),
                    List.of(),
                    List.of(dead(key, file))));
          }
        }
      }
      return dead;
    }

    private final Set<Digest> servedByTags = new HashSet<>();

    private boolean isTagged(String tag, String image) {
      return image.equals(tags.get(tag));
    }

    private Optional<Digest> served(BlobKey key) {
      try {
        Optional<byte[]> bytes = storage.read(key, SMALL);
        Optional<Digest> digest =
            bytes.flatMap(text -> Digest.find(new String(text, StandardCharsets.US_ASCII)));
        if (bytes.isPresent() && digest.isEmpty()) {
          problems.add(key + ": the file is not what it should be");
        }
        return digest;
      } catch (StorageException e) {
        problems.add(key + ": " + e.getMessage());
        return Optional.empty();
      }
    }

    private boolean isYoung(BlobEntry file) {
      return file.modified().isAfter(ages.content());
    }

    private void reach(Set<Digest> liveManifests, Set<Digest> live) {
      Deque<Digest> next = new ArrayDeque<>(servedByTags);
      tagged.stream()
          .filter(ImageId::isManifest)
          .flatMap(image -> Digest.find(image.value()).stream())
          .forEach(next::add);
      next.addAll(kept.manifests());
      manifests.forEach(
          (digest, link) -> {
            if (link.image().filter(tagged::contains).isPresent()
                || link.file().modified().isAfter(ages.untagged())) {
              next.add(digest);
            }
          });
      live.addAll(kept.blobs());
      links.forEach(
          (digest, file) -> {
            if (isYoung(file)) {
              live.add(digest);
            }
          });
      Map<Digest, List<Digest>> referrers = new HashMap<>();
      manifests.forEach(
          (digest, link) ->
              link.subject()
                  .ifPresent(
                      subject ->
                          referrers
                              .computeIfAbsent(subject, any -> new ArrayList<>())
                              .add(digest)));
      while (!next.isEmpty()) {
        Digest digest = next.remove();
        if (!liveManifests.add(digest)) {
          continue;
        }
        live.add(digest);
        next.addAll(referrers.getOrDefault(digest, List.of()));
        @Nullable Link link = manifests.get(digest);
        if (link != null) {
          link.manifest().blobs().forEach(blob -> live.add(blob.digest()));
          for (Manifest.Part child : link.manifest().children()) {
            // An entry of an index may be a blob.
            live.add(child.descriptor().digest());
            next.add(child.descriptor().digest());
          }
        }
      }
    }

    private void addDeadManifests(Set<Digest> live, List<DeadUnit> dead) {
      Map<Digest, DeadFile> listed = referrerFiles();
      manifests.forEach(
          (digest, link) -> {
            if (live.contains(digest)) {
              return;
            }
            List<String> needs = new ArrayList<>();
            needs.add(new ContentUnit(blobs.key(digest)).name());
            link.manifest().blobs().forEach(blob -> needs.add(link("blobs", blob.digest()).name()));
            for (Manifest.Part child : link.manifest().children()) {
              needs.add(link("manifests", child.descriptor().digest()).name());
              needs.add(link("blobs", child.descriptor().digest()).name());
            }
            List<DeadFile> files = new ArrayList<>();
            ContentUnit unit = link("manifests", digest);
            files.add(dead(unit.key(), link.file()));
            @Nullable DeadFile referrer = listed.remove(digest);
            if (referrer != null) {
              files.add(referrer);
            }
            dead.add(new DeadUnit(Kind.MANIFEST, Kind.MANIFEST.order(), unit, needs, files));
          });
      listed.forEach(
          (digest, file) -> {
            if (!manifests.containsKey(digest) && !young.contains(file.key())) {
              dead.add(
                  new DeadUnit(
                      Kind.MANIFEST,
                      Kind.MANIFEST.order(),
                      link("manifests", digest),
                      List.of(),
                      List.of(file)));
            }
          });
    }

    private final Set<BlobKey> young = new HashSet<>();

    private Map<Digest, DeadFile> referrerFiles() {
      Map<Digest, DeadFile> found = new HashMap<>();
      BlobKey place = content.child("referrers");
      List<String> subjects;
      try (Stream<String> folders = storage.folders(place)) {
        subjects = folders.toList();
      }
      for (String subject : subjects) {
        for (BlobEntry file : entries(place.child(subject))) {
          BlobKey key = place.child(subject).child(file.name());
          digest(file.name()).ifPresent(digest -> found.put(digest, dead(key, file)));
          if (isYoung(file)) {
            young.add(key);
          }
        }
      }
      return found;
    }

    private void addDeadLinks(Set<Digest> live, List<DeadUnit> dead) {
      links.forEach(
          (digest, file) -> {
            if (live.contains(digest)) {
              return;
            }
            @Nullable ImageId image = layersOf.get(digest);
            ContentUnit needed =
                image == null ? new ContentUnit(blobs.key(digest)) : ContentUnit.of(image);
            ContentUnit unit = link("blobs", digest);
            dead.add(
                new DeadUnit(
                    Kind.LINK,
                    Kind.LINK.order(),
                    unit,
                    List.of(needed.name()),
                    List.of(dead(unit.key(), file))));
          });
    }

    private ContentUnit link(String kind, Digest digest) {
      return new ContentUnit(content.child(kind).child(digest.algorithm() + "-" + digest.hex()));
    }

    private static DeadFile dead(BlobKey key, BlobEntry file) {
      return new DeadFile(key, file.info().version(), file.info().size());
    }

    private static Optional<Digest> digest(String name) {
      return Digest.find(name.replaceFirst("-", ":"));
    }
  }
}
