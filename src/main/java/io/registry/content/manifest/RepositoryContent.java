package io.registry.content.manifest;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What clients have pushed over V2 to each repository: a small file for each blob, manifest and
 * referrer. A blob is readable only through a repository that contains it.
 */
public final class RepositoryContent {
  private static final int SMALL = 8 * 1024 * 1024;

  private final BlobStorage storage;
  private final Function<RepositoryName, BlobKey> folders;
  private final JsonCodec codec;

  /**
   * The content of repositories.
   *
   * @param storage the store
   * @param folders where a repository keeps its files
   * @param codec reads and writes them
   */
  public RepositoryContent(
      BlobStorage storage, Function<RepositoryName, BlobKey> folders, JsonCodec codec) {
    this.storage = storage;
    this.folders = folders;
    this.codec = codec;
  }

  /** Whether nothing can be added. */
  public boolean isReadOnly() {
    return storage.isReadOnly();
  }

  private BlobKey blob(RepositoryName repository, Digest digest) {
    return folders.apply(repository).child("blobs").child(name(digest));
  }

  private BlobKey manifest(RepositoryName repository, Digest digest) {
    return folders.apply(repository).child("manifests").child(name(digest));
  }

  private BlobKey referrers(RepositoryName repository, Digest subject) {
    return folders.apply(repository).child("referrers").child(name(subject));
  }

  private BlobKey tagged(RepositoryName repository, TagName tag, ImageId image) {
    return folders.apply(repository).child("tags").child(tag.value()).child(image.value());
  }

  private static String name(Digest digest) {
    return digest.algorithm() + "-" + digest.hex();
  }

  /** Finds a blob of a repository; empty when no client has pushed it there over V2. */
  public Optional<BlobLink> findBlob(RepositoryName repository, Digest digest) {
    return read(blob(repository, digest))
        .map(
            json ->
                new BlobLink(
                    json.path("size").asLong(0), ImageId.find(json.path("layerOf").asString(""))));
  }

  /** Adds a blob to a repository. When this returns, the link survives a crash. */
  public void addBlob(RepositoryName repository, Digest digest, BlobLink link) {
    storage.write(blob(repository, digest), codec.render(link.fields()));
  }

  /** Removes a blob from a repository; its bytes stay. */
  public void removeBlob(RepositoryName repository, Digest digest) {
    storage.delete(blob(repository, digest));
  }

  /** Finds a manifest of a repository; empty when no client has pushed it there over V2. */
  public Optional<ManifestLink> findManifest(RepositoryName repository, Digest digest) {
    return read(manifest(repository, digest))
        .map(
            json ->
                new ManifestLink(
                    json.path("mediaType").asString(""),
                    json.path("size").asLong(0),
                    Digest.find(json.path("subject").asString("")),
                    ImageId.find(json.path("image").asString("")),
                    json.path("refusal").asString(""),
                    signedForm(json)));
  }

  /** How the manifest that a link is about was signed. */
  static Optional<SignedForm> signedForm(JsonNode link) {
    JsonNode form = link.path("signed");
    return form.path("length").isInt() && form.path("length").intValue() >= 0
        ? Optional.of(
            new SignedForm(form.path("length").intValue(), form.path("rest").asString("")))
        : Optional.empty();
  }

  /** Adds a manifest to a repository. When this returns, the link survives a crash. */
  public void addManifest(RepositoryName repository, Digest digest, ManifestLink link) {
    storage.write(manifest(repository, digest), codec.render(link.fields()));
  }

  /**
   * Adds a manifest to a repository, and to the referrers of its subject. When this returns, both
   * survive a crash.
   *
   * @param descriptor of the manifest
   * @param manifest what it says
   * @param image the V1 image that it is served as over V1; empty when there is none, or not yet
   * @param form how a manifest of schema 1 was signed; empty for others, and without signatures
   */
  public ManifestLink add(
      RepositoryName repository,
      Descriptor descriptor,
      Manifest manifest,
      Optional<ImageId> image,
      Optional<SignedForm> form) {
    Optional<Digest> subject = manifest.subject().map(Descriptor::digest);
    // First, because clients do not push a manifest again that is there. Not listed before it is.
    subject.ifPresent(
        found ->
            addReferrer(
                repository,
                found,
                new Referrer(descriptor, manifest.artifactType(), manifest.annotations())));
    ManifestLink link =
        new ManifestLink(descriptor.mediaType(), descriptor.size(), subject, image, "", form);
    addManifest(repository, descriptor.digest(), link);
    return link;
  }

  /** Removes a manifest from a repository, and from the referrers of its subject. */
  public void removeManifest(RepositoryName repository, Digest digest, ManifestLink link) {
    storage.delete(manifest(repository, digest));
    link.subject()
        .ifPresent(subject -> storage.delete(referrers(repository, subject).child(name(digest))));
  }

  /** Adds a manifest to the referrers of its subject. */
  private void addReferrer(RepositoryName repository, Digest subject, Referrer referrer) {
    storage.write(
        referrers(repository, subject).child(name(referrer.descriptor().digest())),
        codec.render(referrer.fields()));
  }

  /** The names of the referrers of a manifest, for {@link #readReferrer}, in lexical order. */
  public List<String> referrers(RepositoryName repository, Digest subject, String after) {
    try (Stream<String> names = storage.names(referrers(repository, subject))) {
      return names.filter(name -> name.compareTo(after) > 0).sorted().toList();
    }
  }

  /** Reads a referrer; empty when it was removed. */
  public Optional<Referrer> readReferrer(RepositoryName repository, Digest subject, String name) {
    return read(referrers(repository, subject).child(name)).flatMap(RepositoryContent::referrer);
  }

  private static Optional<Referrer> referrer(JsonNode json) {
    Map<String, String> annotations = new LinkedHashMap<>();
    json.path("annotations")
        .properties()
        .forEach(entry -> annotations.put(entry.getKey(), entry.getValue().asString("")));
    return Digest.find(json.path("digest").asString(""))
        .map(
            digest ->
                new Referrer(
                    new Descriptor(
                        json.path("mediaType").asString(""), digest, json.path("size").asLong(0)),
                    json.path("artifactType").asString(""),
                    annotations));
  }

  /**
   * The manifest that a tag serves, where clients have pushed several manifests of one image.
   *
   * @param image the image that the tag names
   * @return the digest; empty when the tag serves the first manifest of the image
   */
  public Optional<Digest> findTagged(RepositoryName repository, TagName tag, ImageId image) {
    return storage
        .read(tagged(repository, tag, image), SMALL)
        .map(bytes -> new String(bytes, StandardCharsets.US_ASCII))
        .flatMap(Digest::find);
  }

  /** Sets what {@link #findTagged} returns, before the tag is set to the image. */
  public void setTagged(RepositoryName repository, TagName tag, ImageId image, Digest digest) {
    storage.write(
        tagged(repository, tag, image), digest.toString().getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Does the same as {@link #setTagged} if there was no manifest before. Of several clients at the
   * same time one wins.
   *
   * @return the manifest that the tag serves now
   */
  public Digest claimTagged(RepositoryName repository, TagName tag, ImageId image, Digest digest) {
    boolean isFirst =
        storage.writeIfAbsent(
            tagged(repository, tag, image), digest.toString().getBytes(StandardCharsets.US_ASCII));
    return isFirst ? digest : findTagged(repository, tag, image).orElse(digest);
  }

  private Optional<JsonNode> read(BlobKey key) {
    return storage.read(key, SMALL).flatMap(codec::parse).filter(JsonNode::isObject);
  }
}
