package io.registry.operations.transfer;

import io.registry.content.archive.Content;
import io.registry.content.image.ImageId;
import io.registry.content.image.StoredImages;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.ManifestLink;
import io.registry.content.manifest.Origins;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.TagPlace;
import io.registry.operations.transfer.Found.ByDigest;
import io.registry.operations.transfer.Found.Chain;
import io.registry.operations.transfer.Found.Name;
import io.registry.operations.transfer.Found.V1;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The images of another docker-registry's directory, or of another registry like this one. */
final class V1StoreSource implements ImportSource {
  private static final int MAX_TAG = 1024;

  private final BlobStorage storage;
  private final RepositoryInspection repositories;
  private final StoredImages images;
  private final BlobStore blobs;
  private final Origins origins;
  private final JsonCodec codec;

  /** A source, of which nothing is changed. */
  V1StoreSource(BlobStorage storage, JsonCodec codec) {
    this.storage = storage;
    this.codec = codec;
    this.repositories = new RepositoryInspection(storage, codec);
    this.images = new StoredImages(storage, codec);
    this.blobs = new BlobStore(storage);
    this.origins = new Origins(storage, codec);
  }

  @Override
  public void images(Taker taker) throws IOException {
    List<BlobKey> folders;
    try (Stream<BlobKey> all = repositories.folders()) {
      folders = all.sorted((one, other) -> one.path().compareTo(other.path())).toList();
    }
    for (BlobKey folder : folders) {
      List<BlobKey> files;
      try (Stream<BlobKey> all = repositories.files(folder)) {
        files = all.sorted((one, other) -> one.path().compareTo(other.path())).toList();
      }
      for (BlobKey file : files) {
        Optional<TagPlace> place = TagPlace.of(file);
        if (place.isPresent()) {
          take(folder, file, place.get(), taker);
        }
      }
    }
  }

  private void take(BlobKey folder, BlobKey file, TagPlace place, Taker taker) throws IOException {
    Name name = new Name(place.repository().toString(), place.tag());
    Optional<Found> found;
    try {
      found = storage.read(file, MAX_TAG).flatMap(text -> find(folder, place, name, text));
    } catch (RuntimeException e) {
      taker.failed(name, e);
      return;
    }
    if (found.isPresent()) {
      taker.take(found.get());
    }
  }

  // Nothing for the metadata of a tag, whose name may look like that of another tag.
  private Optional<Found> find(BlobKey folder, TagPlace place, Name name, byte[] text) {
    return ImageId.findTagged(new String(text, StandardCharsets.ISO_8859_1).strip())
        .map(
            image -> {
              Optional<Digest> pushed = pushed(folder, place, image);
              RepositoryContent content = content(folder);
              return pushed.isPresent()
                  ? byDigest(content, place.repository(), name, pushed.get())
                  : chain(name, image);
            });
  }

  private RepositoryContent content(BlobKey folder) {
    return new RepositoryContent(storage, repository -> folder.child("_oci"), codec);
  }

  private Optional<Digest> pushed(BlobKey folder, TagPlace place, ImageId image) {
    if (image.isManifest()) {
      return Digest.find(image.value());
    }
    return origins
        .find(image)
        .flatMap(
            origin ->
                TagName.find(place.tag())
                    .flatMap(tag -> content(folder).findTagged(place.repository(), tag, image))
                    .or(() -> origin.manifest().map(Descriptor::digest)));
  }

  private Found byDigest(
      RepositoryContent content, RepositoryName repository, Name name, Digest digest) {
    byte[] bytes =
        blobs
            .read(digest, Sizes.MAX_DOCUMENT)
            .filter(digest::isDigestOf)
            .orElseThrow(() -> new RefusedException("The manifest " + digest + " is lost there"));
    Optional<ManifestLink> link = content.findManifest(repository, digest);
    return new ByDigest(
        List.of(name),
        new Descriptor(link.map(ManifestLink::mediaType).orElse(""), digest, bytes.length),
        link.flatMap(ManifestLink::form).map(form -> form.document(bytes)).orElse(bytes),
        blob -> open(content, repository, blob.digest()));
  }

  private Optional<Content> open(
      RepositoryContent content, RepositoryName repository, Digest digest) {
    Optional<ImageId> layerOf =
        content.findBlob(repository, digest).flatMap(link -> link.layerOf());
    if (layerOf.isPresent()) {
      return Optional.of(() -> new BlobStream(images.layer(layerOf.get(), ByteRange.ALL)));
    }
    return blobs.size(digest).isPresent()
        ? Optional.of(
            () ->
                new BlobStream(
                    blobs
                        .open(digest, ByteRange.ALL)
                        .orElseThrow(() -> new IOException(digest + " was removed meanwhile"))))
        : Optional.empty();
  }

  private Found chain(Name name, ImageId top) {
    List<V1> chain = new ArrayList<>();
    for (ImageId id : images.ancestry(top)) {
      chain.add(
          0,
          new V1(
              id,
              images.describe(id).json(),
              () -> new BlobStream(images.layer(id, ByteRange.ALL))));
    }
    return new Chain(List.of(name), chain);
  }

  @Override
  public void close() {}
}
