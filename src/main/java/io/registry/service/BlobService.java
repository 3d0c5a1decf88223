package io.registry.service;

import io.registry.access.auth.Caller;
import io.registry.bridge.BridgedBlob;
import io.registry.bridge.BridgedRepository;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.BlobUploads;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.manifest.UploadRange;
import io.registry.content.manifest.UploadSession;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.Trash;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;

/**
 * Reads, receives and removes the blobs of repositories. A caller may do what the action on the
 * repository allows before a method is called.
 */
public class BlobService {
  private final RepositoryService repositories;
  private final BridgedRepository bridged;
  private final RepositoryContent content;
  private final BlobStore blobs;
  private final BlobUploads uploads;
  private final Trash trash;
  private final ConvertedManifests converted;
  private final UpstreamContent source;

  BlobService(
      RepositoryService repositories,
      BridgedRepository bridged,
      RepositoryContent content,
      BlobStore blobs,
      BlobUploads uploads,
      Trash trash,
      ConvertedManifests converted,
      UpstreamContent source) {
    this.repositories = repositories;
    this.bridged = bridged;
    this.content = content;
    this.blobs = blobs;
    this.uploads = uploads;
    this.trash = trash;
    this.converted = converted;
    this.source = source;
  }

  /**
   * Finds a blob of a repository, whichever protocol brought it.
   *
   * @return nothing when the repository has no such blob
   * @throws RegistryException {@code UNAVAILABLE} when the source of a mirror may have it and does
   *     not answer
   */
  public Optional<BridgedBlob> find(RepositoryName repository, Digest digest) {
    // A blob of a V1 image has no link, and looking for one is a request to the store.
    return bridged
        .rememberedBlob(repository, digest)
        .or(() -> content.findBlob(repository, digest).flatMap(link -> open(link, digest)))
        .or(() -> bridged.blob(repository, digest))
        .or(() -> converted.config(repository, digest, layer -> find(repository, layer)))
        .or(() -> ManifestService.known(source.blob(repository, digest)));
  }

  private Optional<BridgedBlob> open(BlobLink link, Digest digest) {
    return link.layerOf().isPresent()
        ? bridged.layer(link.layerOf().get(), digest)
        : Optional.of(new PushedBlob(blobs, digest, link.size()));
  }

  /** A blob that a client has pushed over V2. */
  private record PushedBlob(BlobStore blobs, Digest digest, long size) implements BridgedBlob {
    @Override
    public Blob open(ByteRange range) {
      return blobs
          .open(digest, range)
          .orElseThrow(
              () ->
                  new RegistryException(
                      Problem.NOT_FOUND, Subject.BLOB, "The bytes of the blob are lost"));
    }

    @Override
    public Optional<URI> downloadUrl() {
      return blobs.downloadUrl(digest);
    }
  }

  /** Begins an upload. */
  public UploadSession begin(RepositoryName repository, String owner) {
    return uploads.begin(repository, owner);
  }

  /** Finds an upload, as {@link BlobUploads#find}. */
  public UploadSession upload(String id, RepositoryName repository, String owner) {
    return uploads.find(id, repository, owner);
  }

  /** How many bytes of an upload have arrived. */
  public long size(UploadSession session) {
    return uploads.size(session);
  }

  /** Appends a part to an upload, as {@link BlobUploads#append}. */
  public long append(UploadSession session, Optional<UploadRange> range, InputStream body)
      throws IOException {
    return uploads.append(session, range, body);
  }

  /** Ends an upload without a blob. */
  public void cancel(UploadSession session) {
    uploads.cancel(session);
  }

  /** Ends an upload with a blob, as {@link BlobUploads#finish}; the repository contains it then. */
  public void finish(
      Caller caller,
      UploadSession session,
      Optional<UploadRange> range,
      InputStream body,
      Digest digest)
      throws IOException {
    long size = uploads.finish(session, range, body, digest);
    add(caller, session.repository(), digest, new BlobLink(size, Optional.empty()));
  }

  /** Receives a whole blob, as {@link BlobUploads#receive}; the repository contains it then. */
  public void receive(Caller caller, RepositoryName repository, InputStream body, Digest digest)
      throws IOException {
    long size = uploads.receive(body, digest);
    add(caller, repository, digest, new BlobLink(size, Optional.empty()));
  }

  private void add(Caller caller, RepositoryName repository, Digest digest, BlobLink link) {
    repositories.create(caller, repository);
    content.addBlob(repository, digest, link);
  }

  /**
   * Adds a blob of another repository to a repository. The caller may read the other one.
   *
   * @return false when the other repository has no such blob
   */
  public boolean mount(
      Caller caller, RepositoryName repository, RepositoryName from, Digest digest) {
    Optional<BlobLink> link = linkOf(from, digest);
    link.flatMap(BlobLink::layerOf).ifPresent(image -> repositories.link(repository, image));
    link.ifPresent(found -> add(caller, repository, digest, found));
    return link.isPresent();
  }

  /**
   * How a repository contains a blob. Where only a V1 image has it, the result says which.
   *
   * @return nothing when the repository has no such blob
   */
  Optional<BlobLink> linkOf(RepositoryName repository, Digest digest) {
    Optional<BlobLink> pushed =
        content.findBlob(repository, digest).filter(link -> open(link, digest).isPresent());
    if (pushed.isPresent()) {
      return pushed;
    }
    Optional<BridgedBlob> found =
        bridged
            .blob(repository, digest)
            .or(() -> converted.config(repository, digest, layer -> find(repository, layer)));
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Optional<BlobLink> layer =
        bridged
            .layerOf(repository, digest)
            .map(image -> new BlobLink(found.get().size(), Optional.of(image)));
    return layer.or(() -> Optional.of(copied(found.get(), digest)));
  }

  /** Stores the bytes of a blob that only a V1 image of the repository has in another form. */
  void copy(RepositoryName repository, Digest digest) {
    copied(
        find(repository, digest)
            .orElseThrow(
                () ->
                    new RegistryException(
                        Problem.UNAVAILABLE, Subject.BLOB, "The blob is being removed")),
        digest);
  }

  // A configuration was made of a V1 image: it is small, and nothing else keeps it.
  private BlobLink copied(BridgedBlob small, Digest digest) {
    try (Blob blob = small.open(ByteRange.ALL);
        InputStream body = blob.body()) {
      return new BlobLink(uploads.receive(body, digest), Optional.empty());
    } catch (IOException e) {
      throw new IllegalStateException("The blob " + digest + " could not be copied", e);
    }
  }

  /**
   * Removes a blob from a repository, and keeps it in the trash. A blob that belongs to a tagged V1
   * image stays.
   *
   * @throws RegistryException {@code NOT_FOUND} when the repository has no such blob, {@code
   *     CONFLICT} when only its V1 images have it
   */
  public void remove(RepositoryName repository, Digest digest) {
    Optional<BlobLink> link = content.findBlob(repository, digest);
    if (link.isPresent()) {
      trash.removeBlob(repository, digest.toString(), link.get().size(), link.get().layerOf());
      content.removeBlob(repository, digest);
      return;
    }
    throw bridged.blob(repository, digest).isPresent()
        ? new RegistryException(
            Problem.CONFLICT,
            Subject.BLOB,
            "The blob belongs to a tagged V1 image: remove the tags of the image")
        : new RegistryException(Problem.NOT_FOUND, Subject.BLOB, "The repository has no such blob");
  }
}
