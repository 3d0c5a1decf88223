package io.registry.content.manifest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.manifest.UploadRefusal.Reason;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.concurrent.HashedCopies;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Receives blobs. Each part of an upload is a file of its own in the store, so that any process can
 * go on with the upload, and a part that breaks off leaves nothing. A blob becomes visible whole,
 * after its bytes were compared with its digest, and survives a crash when {@link #finish} returns.
 */
public final class BlobUploads {
  private static final Logger log = LoggerFactory.getLogger(BlobUploads.class);

  private static final BlobKey UPLOADS = BlobStore.ROOT.child("uploads");
  private static final String SESSION = "session";
  private static final int SMALL = 64 * 1024;
  private static final int OFFSET_DIGITS = 19;

  /** More parts make each request slow, which lists them all. */
  private static final int MAX_PARTS = 10_000;

  private static final int MAX_REMEMBERED = 10_000;

  private final BlobStorage storage;
  private final BlobStore blobs;
  private final JsonCodec codec;
  private final Clock clock;
  private final HashedCopies copies = new HashedCopies();

  /** The uploads that a request of this process is working on. */
  private final Set<String> busy = ConcurrentHashMap.newKeySet();

  /** What this process has hashed while it received it. */
  private final Cache<String, Received> received =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

  /**
   * Uploads in a store.
   *
   * @param storage the store
   * @param blobs where the blobs go
   * @param codec reads and writes the state of an upload
   * @param clock dates uploads
   */
  public BlobUploads(BlobStorage storage, BlobStore blobs, JsonCodec codec, Clock clock) {
    this.storage = storage;
    this.blobs = blobs;
    this.codec = codec;
    this.clock = clock;
  }

  /** The SHA-256 of the parts so far. */
  private record Received(List<String> parts, MessageDigest sha256) {}

  /** The parts in the store, in the order of their bytes. */
  private record Parts(List<String> names, long size) {}

  /** Begins an upload. */
  public UploadSession begin(RepositoryName repository, String owner) {
    String id = UUID.randomUUID().toString();
    storage.writeUnsynced(
        folder(id).child(SESSION),
        codec.render(
            Map.of(
                "repository", repository.toString(),
                "owner", owner,
                "begun", clock.instant().toString())));
    return new UploadSession(id, repository, owner);
  }

  /**
   * Finds an upload.
   *
   * @throws UploadRefusal {@code UNKNOWN} when the client has no such upload in that repository
   */
  public UploadSession find(String id, RepositoryName repository, String owner) {
    if (!isId(id)) {
      throw unknown();
    }
    return storage
        .read(folder(id).child(SESSION), SMALL)
        .flatMap(codec::parse)
        .filter(json -> text(json, "repository").equals(repository.toString()))
        .filter(json -> text(json, "owner").equals(owner))
        .map(json -> new UploadSession(id, repository, owner))
        .orElseThrow(BlobUploads::unknown);
  }

  private static String text(JsonNode json, String field) {
    return json.path(field).asString("");
  }

  private static boolean isId(String id) {
    try {
      return UUID.fromString(id).toString().equals(id);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** How many bytes of an upload are in the store. */
  public long size(UploadSession session) {
    return parts(session).size();
  }

  /**
   * Appends a part to an upload.
   *
   * @param range what the client says it sends; empty when it says nothing
   * @param body the part; not closed
   * @return how many bytes the upload has now
   * @throws UploadRefusal {@code RANGE} when the part does not begin where the upload ends, {@code
   *     INVALID} when it has another length than the client says; nothing is stored then
   * @throws IOException when the body breaks off; nothing is stored then
   */
  public long append(UploadSession session, Optional<UploadRange> range, InputStream body)
      throws IOException {
    try (Work work = enter(session)) {
      return append(session, parts(session), range, body).size();
    }
  }

  private Parts append(
      UploadSession session, Parts parts, Optional<UploadRange> range, InputStream body)
      throws IOException {
    range.ifPresent(told -> requireNext(told, parts.size()));
    if (parts.names().size() >= MAX_PARTS) {
      throw new UploadRefusal(Reason.INVALID, "The upload has too many parts: send larger ones");
    }
    Optional<MessageDigest> hash = hashOf(session, parts);
    String name = name(parts.size());
    long count;
    try (BlobWriter writer = storage.createUnsynced(folder(session.id()).child(name))) {
      count = copies.copy(body, writer, hash.stream().toList());
      long length = count;
      range
          .filter(told -> told.last() - told.first() + 1 != length)
          .ifPresent(
              told -> {
                throw new UploadRefusal(
                    Reason.INVALID, "The part has another length than Content-Range says");
              });
      if (count == 0) {
        return parts;
      }
      writer.commit();
    }
    List<String> names = new ArrayList<>(parts.names());
    names.add(name);
    hash.ifPresent(sum -> received.put(session.id(), new Received(List.copyOf(names), sum)));
    return new Parts(List.copyOf(names), parts.size() + count);
  }

  private static void requireNext(UploadRange told, long size) {
    if (told.first() != size) {
      throw new UploadRefusal(
          Reason.RANGE,
          "The upload has %d bytes, so that the next part begins at %d".formatted(size, size));
    }
  }

  // Empty when other processes have received some parts, or this process was restarted.
  private Optional<MessageDigest> hashOf(UploadSession session, Parts parts) {
    if (parts.names().isEmpty()) {
      return Optional.of(Digest.sha256());
    }
    return Optional.ofNullable(received.getIfPresent(session.id()))
        .filter(known -> known.parts().equals(parts.names()))
        .map(known -> copyOf(known.sha256()));
  }

  // A part that is refused must not change what was hashed before.
  private static MessageDigest copyOf(MessageDigest hash) {
    try {
      return (MessageDigest) hash.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("The hashes of the JDK can be cloned", e);
    }
  }

  /**
   * Receives the rest of an upload, compares everything with the digest, and publishes the blob.
   * The upload is over then, unless the rest did not fit to it.
   *
   * @param range what the client says it sends; empty when it says nothing
   * @param body the rest, which may be empty; not closed
   * @param digest the digest of all bytes of the upload
   * @return the size of the blob in bytes
   * @throws UploadRefusal as {@link #append}; {@code DIGEST} when the bytes are others, which ends
   *     the upload
   * @throws IOException when the body breaks off
   */
  public long finish(
      UploadSession session, Optional<UploadRange> range, InputStream body, Digest digest)
      throws IOException {
    try (Work work = enter(session)) {
      Parts parts = parts(session);
      PushbackInputStream rest = new PushbackInputStream(body);
      int first = rest.read();
      if (first >= 0) {
        rest.unread(first);
        if (parts.names().isEmpty() && range.isEmpty()) {
          long size = receive(rest, digest);
          remove(session.id());
          return size;
        }
        parts = append(session, parts, range, rest);
      } else {
        long size = parts.size();
        range.ifPresent(told -> requireNext(told, size));
      }
      if (!digest.isOf(hash(session, parts, digest))) {
        remove(session.id());
        throw mismatch();
      }
      publish(session, parts, digest);
      remove(session.id());
      return parts.size();
    }
  }

  /**
   * Receives a whole blob without an upload session.
   *
   * @param body the blob; not closed
   * @param digest its digest
   * @return the size of the blob in bytes
   * @throws UploadRefusal {@code DIGEST} when the bytes are others
   * @throws IOException when the body breaks off
   */
  public long receive(InputStream body, Digest digest) throws IOException {
    try (BlobWriter writer = storage.createIfAbsent(blobs.key(digest))) {
      MessageDigest hash = digest.newHash();
      long size = copies.copy(body, writer, List.of(hash));
      if (!digest.isOf(hash.digest())) {
        throw mismatch();
      }
      // When the blob exists, it has the same bytes.
      writer.commit();
      return size;
    }
  }

  private byte[] hash(UploadSession session, Parts parts, Digest digest) throws IOException {
    if (digest.isSha256()) {
      Optional<MessageDigest> known = hashOf(session, parts);
      if (known.isPresent()) {
        return known.get().digest();
      }
    }
    MessageDigest hash = digest.newHash();
    for (String name : parts.names()) {
      try (Blob part = open(session, name)) {
        copies.copy(part.body(), OutputStream.nullOutputStream(), List.of(hash));
      }
    }
    return hash.digest();
  }

  private Blob open(UploadSession session, String name) {
    return storage
        .open(folder(session.id()).child(name), ByteRange.ALL)
        .orElseThrow(BlobUploads::unknown);
  }

  private void publish(UploadSession session, Parts parts, Digest digest) throws IOException {
    BlobKey blob = blobs.key(digest);
    if (storage.exists(blob)) {
      return;
    }
    if (parts.names().size() == 1) {
      BlobKey only = folder(session.id()).child(parts.names().get(0));
      boolean isThere =
          switch (storage.link(only, blob)) {
            case LINKED -> true;
            case ABSENT -> false;
            case UNSUPPORTED -> storage.copy(only, blob);
          };
      if (!isThere) {
        throw unknown();
      }
      return;
    }
    try (BlobWriter writer = storage.createIfAbsent(blob)) {
      for (String name : parts.names()) {
        try (Blob part = open(session, name)) {
          part.body().transferTo(writer);
        }
      }
      writer.commit();
    }
  }

  /** Ends an upload without a blob. */
  public void cancel(UploadSession session) {
    try (Work work = enter(session)) {
      remove(session.id());
    }
  }

  /**
   * Removes uploads that no request has continued for long. If the store fails, the next sweep
   * tries again.
   *
   * @param expireAfter how long
   */
  public void sweep(Duration expireAfter) {
    try {
      removeBefore(clock.instant().minus(expireAfter), expireAfter);
    } catch (StorageException e) {
      log.warn("The unfinished uploads of blobs could not be swept: {}", e.getMessage());
    }
  }

  private void removeBefore(Instant expired, Duration expireAfter) {
    List<String> ids;
    try (Stream<String> folders = storage.folders(UPLOADS)) {
      ids = folders.filter(BlobUploads::isId).toList();
    }
    for (String id : ids) {
      if (!busy.contains(id) && touched(id).isBefore(expired)) {
        remove(id);
        log.info("Removed the upload {}, which was not finished in {}", id, expireAfter);
      }
    }
  }

  private Instant touched(String id) {
    try (Stream<BlobEntry> files = storage.list(folder(id))) {
      return files.map(BlobEntry::modified).max(Comparator.naturalOrder()).orElse(Instant.EPOCH);
    }
  }

  private void remove(String id) {
    received.invalidate(id);
    List<BlobKey> files;
    try (Stream<String> names = storage.names(folder(id))) {
      files = names.map(folder(id)::child).toList();
    }
    storage.deleteAllUnsynced(files);
  }

  private Parts parts(UploadSession session) {
    List<BlobEntry> files;
    try (Stream<BlobEntry> all = storage.list(folder(session.id()))) {
      files =
          all.filter(file -> file.name().length() > OFFSET_DIGITS)
              .sorted(Comparator.comparing(BlobEntry::name))
              .toList();
    }
    List<String> names = new ArrayList<>();
    long size = 0;
    for (BlobEntry file : files) {
      // Of parts that two processes received at once, the first one counts.
      if (file.name().startsWith(offset(size))) {
        names.add(file.name());
        size += file.info().size();
      }
    }
    return new Parts(List.copyOf(names), size);
  }

  private static String name(long offset) {
    return offset(offset) + "-" + UUID.randomUUID();
  }

  private static String offset(long bytes) {
    return ("%0" + OFFSET_DIGITS + "d").formatted(bytes);
  }

  private static BlobKey folder(String id) {
    return UPLOADS.child(id);
  }

  private Work enter(UploadSession session) {
    if (!busy.add(session.id())) {
      throw new RegistryException(
          Problem.CONFLICT, Subject.UPLOAD, "Another request of this upload is under way");
    }
    return () -> busy.remove(session.id());
  }

  /** A request that works on an upload, until it is closed. */
  private interface Work extends AutoCloseable {
    @Override
    void close();
  }

  private static UploadRefusal unknown() {
    return new UploadRefusal(Reason.UNKNOWN, "There is no such upload");
  }

  private static UploadRefusal mismatch() {
    return new UploadRefusal(Reason.DIGEST, "The bytes are not those of the digest");
  }
}
