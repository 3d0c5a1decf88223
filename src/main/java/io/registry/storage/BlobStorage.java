package io.registry.storage;

import java.io.IOException;
import java.net.URI;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Stores bytes under keys: the interface that every storage driver implements. All methods are safe
 * for many threads and throw {@link StorageException} when the store fails. A reader sees a blob as
 * it was before a write or after it, never in between.
 *
 * <p>A driver implements the methods without a default, and overrides a default where its store can
 * do more. It overrides none from {@link #exists} on: these are combinations of the others. They
 * are not in a class of their own, because a store that wraps another one may have to see a small
 * blob as a whole.
 */
public interface BlobStorage {

  /**
   * Opens a blob, or a part of it.
   *
   * @param key the blob
   * @param range the bytes wanted
   * @return the blob, which the caller closes; empty when there is no such blob
   * @throws UnsatisfiableRangeException when the blob ends before the range begins
   */
  Optional<Blob> open(BlobKey key, ByteRange range);

  /**
   * Starts to write a blob. Writers of the same key do not disturb each other: the last one to
   * commit wins.
   *
   * @param key the blob
   * @return the writer, which the caller closes
   */
  BlobWriter create(BlobKey key);

  /**
   * Starts to write a blob that must not exist: {@link BlobWriter#commit()} writes nothing and
   * returns false when it does. Of several concurrent writers, in any number of processes, one
   * succeeds. Every store guarantees that for small blobs. Some stores do not guarantee it for a
   * blob that is sent in parts: then the driver detects a blob that existed before the commit, but
   * of two that commit at the same instant the later one may replace the first.
   *
   * @param key the blob
   * @return the writer, which the caller closes
   */
  BlobWriter createIfAbsent(BlobKey key);

  /**
   * Starts to write a blob that may be lost in a power failure: the content of an incomplete
   * upload, or data that can be made again. A committed blob survives the end of the process.
   *
   * @param key the blob
   * @return the writer, which the caller closes
   */
  default BlobWriter createUnsynced(BlobKey key) {
    return create(key);
  }

  /**
   * Reads the metadata of a blob without opening it.
   *
   * @param key the blob
   * @return its size and version; empty when there is no such blob
   */
  Optional<BlobInfo> stat(BlobKey key);

  /**
   * Deletes a blob. When this returns, the deletion survives a crash.
   *
   * @param key the blob; if it does not exist, nothing happens
   */
  void delete(BlobKey key);

  /**
   * Deletes a blob if it still has that version. Where {@link #deletesVersions} is false, a blob
   * that is replaced between the comparison and the deletion may be deleted.
   *
   * @param key the blob
   * @param version as {@link BlobInfo#version} told it
   * @return whether this call has deleted it; false when it does not exist or has another version
   */
  default boolean deleteVersion(BlobKey key, String version) {
    boolean isSame = stat(key).filter(info -> info.version().equals(version)).isPresent();
    if (isSame) {
      delete(key);
    }
    return isSame;
  }

  /**
   * Whether {@link #deleteVersion} never deletes another version than the given one, not even one
   * with the same bytes.
   */
  default boolean deletesVersions() {
    return false;
  }

  /**
   * Whether of several writers of {@link #createIfAbsent} one succeeds, for small blobs: what every
   * store should guarantee, and some do not. May send requests.
   */
  default boolean writesOnce() {
    return true;
  }

  /**
   * Deletes blobs whose reappearance after a power failure does no harm.
   *
   * @param keys the blobs; missing ones are ignored
   */
  default void deleteAllUnsynced(Collection<BlobKey> keys) {
    deleteAll(keys);
  }

  /**
   * Moves all blobs of a folder to another folder atomically, so that a reader sees none or all of
   * them there. When this returns true, they survive a crash of the machine, however they were
   * written.
   *
   * @param from the folder; it contains no folders
   * @param to the new folder
   * @return false when nothing was moved: the store does not support it, or the target contains
   *     blobs
   */
  default boolean moveFolder(BlobKey from, BlobKey to) {
    return false;
  }

  /**
   * Copies a blob, replacing any existing one. When this returns true, the copy survives a crash of
   * the machine.
   *
   * @param from the blob
   * @param to the key of the copy
   * @return false when there is no such blob
   */
  default boolean copy(BlobKey from, BlobKey to) {
    Optional<Blob> found = open(from, ByteRange.ALL);
    if (found.isEmpty()) {
      return false;
    }
    try (Blob blob = found.get();
        BlobWriter writer = create(to)) {
      blob.body().transferTo(writer);
      return writer.commit();
    } catch (IOException e) {
      throw new StorageException(StorageException.Reason.BROKEN, describe(), "copy", from, e);
    }
  }

  /**
   * Gives a blob a second name without copying its bytes; it never replaces a blob. The two names
   * are independent: writing or deleting one does not change the other. When this returns {@link
   * LinkResult#LINKED}, both names survive a crash of the machine, however the blob was written.
   *
   * @param from the blob
   * @param to its second name
   * @return what was done. Stores without names that share bytes always return {@link
   *     LinkResult#UNSUPPORTED}, and do not check whether the blob exists
   */
  default LinkResult link(BlobKey from, BlobKey to) {
    return LinkResult.UNSUPPORTED;
  }

  /**
   * Lists the blobs directly below a prefix, in no order, while they are found. Names that are not
   * valid in a key are left out.
   *
   * @param prefix the parent key of the blobs
   * @return the blobs; the caller closes the stream
   */
  Stream<BlobEntry> list(BlobKey prefix);

  /**
   * Lists the folders directly below a prefix, in no order, while they are found: the next
   * components of keys that have at least one more. Names that are not valid in a key are left out.
   * A folder may be empty by the time it is listed; and stores with real folders may list empty
   * ones.
   *
   * @param prefix the parent key of the folders
   * @return each name once; the caller closes the stream
   */
  Stream<String> folders(BlobKey prefix);

  /**
   * Finds the symbolic links that are in the store and lead to nothing or out of it, so that the
   * driver does not serve what they stand for. It looks at all names of the store.
   *
   * @param found gets each link, in no order
   */
  default void findStrayLinks(Consumer<StrayLink> found) {}

  /** The driver's name and where it stores the blobs, for log lines; without secrets. */
  String describe();

  /**
   * Sends a minimal request to the store, and waits up to a few seconds.
   *
   * @throws StorageException when the store does not answer, or refuses
   */
  void probe();

  /**
   * Says what an operator can do about a failure that concerns the whole store.
   *
   * @param reason why the store failed
   * @return a sentence; empty when the message of the failure says all that is known
   */
  default Optional<String> remedy(StorageException.Reason reason) {
    return Optional.empty();
  }

  /** Whether the store is read-only, so that no write should be attempted. */
  default boolean isReadOnly() {
    return false;
  }

  /**
   * Where clients can download a blob without going through this process; computed without a
   * request to the store.
   *
   * @param key the blob, whose existence is not checked
   * @return an absolute URL that a client may use unchanged for a while; or a path without scheme
   *     and host, for the web server in front of this process; or empty when the store supports
   *     neither, or the settings disable it
   */
  default Optional<URI> downloadUrl(BlobKey key) {
    return Optional.empty();
  }

  /**
   * Lists the names of the blobs directly below a prefix, in no order, while they are found. In a
   * folder with few blobs, the result contains all blobs that existed at one moment, even if they
   * are deleted before they are returned.
   *
   * @param prefix the parent key of the blobs
   * @return the last components of their keys; the caller closes the stream
   */
  default Stream<String> names(BlobKey prefix) {
    return list(prefix).map(BlobEntry::name);
  }

  /**
   * Deletes blobs, in no particular order, in batches as large as the store supports. When this
   * returns, the deletions survive a crash; when it throws, some may have happened.
   *
   * @param keys the blobs; missing ones are ignored
   */
  default void deleteAll(Collection<BlobKey> keys) {
    keys.forEach(this::delete);
  }

  /**
   * Reads a small blob.
   *
   * @param key the blob
   * @param limit the largest size to read, in bytes
   * @return its bytes and their version; empty when there is no such blob
   * @throws StorageException also when it is larger than the limit
   */
  default Optional<BlobContent> load(BlobKey key, int limit) {
    Optional<Blob> found = open(key, ByteRange.ALL);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (Blob blob = found.get()) {
      if (blob.size() > limit) {
        throw new IOException("it has " + blob.size() + " bytes, more than " + limit);
      }
      return Optional.of(new BlobContent(blob.body().readAllBytes(), blob.version()));
    } catch (IOException e) {
      throw new StorageException(StorageException.Reason.BROKEN, describe(), "read", key, e);
    }
  }

  /**
   * Reads a small blob, without its version.
   *
   * @param key the blob
   * @param limit the largest size to read, in bytes
   * @return its bytes; empty when there is no such blob
   * @throws StorageException also when it is larger than the limit
   */
  default Optional<byte[]> read(BlobKey key, int limit) {
    return load(key, limit).map(BlobContent::bytes);
  }

  /**
   * Whether a blob exists.
   *
   * @param key the blob
   * @return whether it exists
   */
  default boolean exists(BlobKey key) {
    return stat(key).isPresent();
  }

  /**
   * Writes a small blob, unless the key exists already.
   *
   * @param key the blob
   * @param bytes its content
   * @return whether this call has written it; then it survives a crash
   */
  default boolean writeIfAbsent(BlobKey key, byte[] bytes) {
    try (BlobWriter writer = createIfAbsent(key)) {
      writer.write(bytes);
      return writer.commit();
    }
  }

  /**
   * Writes a small blob with the guarantees of {@link BlobWriter#commit()}.
   *
   * @param key the blob
   * @param bytes its content
   */
  default void write(BlobKey key, byte[] bytes) {
    try (BlobWriter writer = create(key)) {
      writer.write(bytes);
      writer.commit();
    }
  }

  /**
   * Writes a small blob with the guarantees of {@link #createUnsynced}.
   *
   * @param key the blob
   * @param bytes its content
   */
  default void writeUnsynced(BlobKey key, byte[] bytes) {
    try (BlobWriter writer = createUnsynced(key)) {
      writer.write(bytes);
      writer.commit();
    }
  }
}
