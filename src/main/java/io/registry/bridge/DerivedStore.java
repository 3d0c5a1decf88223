package io.registry.bridge;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Keeps what is derived from V1 images, below {@code _v2}, which the original ignores. Everything
 * here can be derived again to the same bytes. It lies beside the images, or in a folder of its own
 * where the store is only read.
 */
public final class DerivedStore {
  private static final BlobKey ROOT = BlobKey.of("_v2");

  /** Larger files are not read back, in bytes. */
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  private static final int SHARD = 2;
  private static final String LAYER = "layer";
  private static final String SCHEMA_ONE = "schema1-";
  private static final BlobKey GENERATION = ROOT.child("generation");

  private final BlobStorage storage;
  private volatile Optional<Generation> known = Optional.empty();

  /** A generation, and the version of the file that told it. */
  private record Generation(String version, String value) {}

  /**
   * A store.
   *
   * @param storage where the files go; it can be written
   */
  public DerivedStore(BlobStorage storage) {
    this.storage = storage;
  }

  /**
   * Whether the preparation of other images reads a file again: what is known of a layer, which
   * many images may share, and the generation.
   */
  public static boolean isReadAgain(BlobKey file) {
    return file.equals(GENERATION)
        || (file.path().startsWith(ROOT.child("images").path() + "/")
            && file.path().endsWith("/" + LAYER));
  }

  /** What an entry of the index says of an image. */
  enum Kind {
    /** The digest is that of the layer, as it is served. */
    LAYER,
    /** The digest is that of the configuration of the image. */
    CONFIG,
    /** The digest is that of the manifest of the image. */
    MANIFEST
  }

  /** An image that a digest belongs to, and how. */
  record Owner(Kind kind, ImageId image) {}

  Optional<byte[]> readLayer(ImageId image) {
    return storage.read(folder(image).child(LAYER), MAX_BYTES);
  }

  void writeLayer(ImageId image, byte[] json) {
    storage.writeUnsynced(folder(image).child(LAYER), json);
  }

  /** What a pass over a pushed blob has found. */
  Optional<byte[]> readBlob(Digest digest) {
    return storage.read(sharded(ROOT.child("blobs"), digest), MAX_BYTES);
  }

  void writeBlob(Digest digest, byte[] json) {
    storage.writeUnsynced(sharded(ROOT.child("blobs"), digest), json);
  }

  Optional<byte[]> readRecord(ImageId image) {
    return storage.read(folder(image).child("image"), MAX_BYTES);
  }

  /** Whether an image was served by digest, with or without an origin. */
  public boolean hasRecord(ImageId image) {
    return storage.exists(folder(image).child("image"));
  }

  void writeRecord(ImageId image, byte[] json) {
    storage.writeUnsynced(folder(image).child("image"), json);
  }

  /** The stored bytes of a manifest or configuration; nothing when they are lost or damaged. */
  Optional<byte[]> readContent(Digest digest) {
    return storage
        .read(content(digest), MAX_BYTES)
        .filter(bytes -> Digest.of(bytes).equals(digest));
  }

  void writeContent(Digest digest, byte[] bytes) {
    storage.writeUnsynced(content(digest), bytes);
  }

  /** What was made of a manifest of schema 1. */
  Optional<byte[]> readConversion(Digest schemaOne) {
    return storage.read(conversion(schemaOne), MAX_BYTES);
  }

  void writeConversion(Digest schemaOne, byte[] json) {
    storage.writeUnsynced(conversion(schemaOne), json);
  }

  void removeConversion(Digest schemaOne) {
    storage.delete(conversion(schemaOne));
  }

  private static BlobKey conversion(Digest schemaOne) {
    return sharded(ROOT.child("schema1"), schemaOne);
  }

  /** Notes that a manifest or a configuration was made of a manifest of schema 1. */
  void indexConversion(Digest made, Digest schemaOne) {
    storage.writeUnsynced(owners(made).child(SCHEMA_ONE + schemaOne.hex()), new byte[0]);
  }

  /**
   * The manifests of schema 1 that a manifest or a configuration was made of.
   *
   * @return the caller closes the stream
   */
  Stream<Digest> sources(Digest made, int limit) {
    return storage
        .names(owners(made))
        .filter(name -> name.startsWith(SCHEMA_ONE))
        .limit(limit)
        .flatMap(name -> Digests.find("sha256:" + name.substring(SCHEMA_ONE.length())).stream());
  }

  /** Notes that a digest belongs to an image. */
  void index(Digest digest, Kind kind, ImageId image) {
    storage.writeUnsynced(owners(digest).child(name(kind, image)), new byte[0]);
  }

  boolean isIndexed(Digest digest, Kind kind, ImageId image) {
    return storage.exists(owners(digest).child(name(kind, image)));
  }

  /**
   * The images that a digest belongs to.
   *
   * @return the caller closes the stream
   */
  Stream<Owner> owners(Digest digest, int limit) {
    return storage
        .list(owners(digest))
        .map(BlobEntry::name)
        .limit(limit)
        .flatMap(DerivedStore::owner);
  }

  /**
   * Changes whenever an image that was finished is replaced or removed. Every request asks the
   * store, but reads the file only when it is another one than the last time.
   *
   * @return empty when no image was made yet
   * @throws StorageException when the store fails
   */
  public String generation() {
    Optional<BlobInfo> file = storage.stat(GENERATION);
    if (file.isEmpty()) {
      return "";
    }
    return known
        .filter(last -> last.version().equals(file.get().version()))
        .or(this::readGeneration)
        .map(Generation::value)
        .orElse("");
  }

  private Optional<Generation> readGeneration() {
    Optional<Generation> read =
        storage
            .load(GENERATION, MAX_BYTES)
            .map(
                file ->
                    new Generation(
                        file.version(), new String(file.bytes(), StandardCharsets.US_ASCII)));
    known = read;
    return read;
  }

  /**
   * The generation, which begins when there is none yet: looking for a file that is missing takes
   * longer than looking for one that is there.
   */
  String begunGeneration() {
    String now = generation();
    if (!now.isEmpty()) {
      return now;
    }
    storage.writeIfAbsent(GENERATION, newGeneration());
    return generation();
  }

  /** From now on what was made of an image is checked before it is served again. */
  public void changeGeneration() {
    storage.write(GENERATION, newGeneration());
  }

  private static byte[] newGeneration() {
    return UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static BlobKey folder(ImageId image) {
    return ROOT.child("images").child(image.value().substring(0, SHARD)).child(image.value());
  }

  private static BlobKey content(Digest digest) {
    return sharded(ROOT.child("content"), digest);
  }

  private static BlobKey owners(Digest digest) {
    return sharded(ROOT.child("digests"), digest);
  }

  private static BlobKey sharded(BlobKey folder, Digest digest) {
    return folder
        .child(digest.algorithm())
        .child(digest.hex().substring(0, SHARD))
        .child(digest.hex());
  }

  private static String name(Kind kind, ImageId image) {
    return kind.name().toLowerCase(Locale.ROOT) + "-" + image.value();
  }

  private static Stream<Owner> owner(String name) {
    for (Kind kind : Kind.values()) {
      String start = kind.name().toLowerCase(Locale.ROOT) + "-";
      if (name.startsWith(start)) {
        return ImageId.find(name.substring(start.length())).map(id -> new Owner(kind, id)).stream();
      }
    }
    return Stream.empty();
  }
}
