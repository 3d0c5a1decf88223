package io.registry.storage;

import java.io.IOException;
import java.net.URI;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Bytes under keys: the port that every storage driver implements. All methods are safe for use by
 * many threads and throw {@link StorageException} when the store fails. A reader sees a blob as it
 * was before a write or after it, never in between.
 */
public interface BlobStorage {

  /**
   * Opens a blob, or a part of it.
   *
   * @param key the blob
   * @param range the bytes wanted
   * @return the blob, which the caller closes; nothing when there is no such blob
   * @throws UnsatisfiableRangeException when the blob ends before the range begins
   */
  Optional<Blob> open(BlobKey key, ByteRange range);

  /**
   * Begins to write a blob. Writers of the same key do not disturb each other: the last one to
   * commit wins.
   *
   * @param key the blob
   * @return the writer, which the caller closes
   */
  BlobWriter create(BlobKey key);

  /**
   * Begins to write a blob that must not be there: {@link BlobWriter#commit()} does nothing but say
   * so when it is. Of several writers at the same time, in any number of processes, one succeeds.
   * Every store promises that for small blobs. Where a store does not promise it for a blob that is
   * sent in parts, the driver detects what was there before the commit, and of two that commit at
   * the same instant the later one may stay.
   *
   * @param key the blob
   * @return the writer, which the caller closes
   */
  BlobWriter createIfAbsent(BlobKey key);

  /**
   * Begins to write a blob that can be lost with the power: the content of an unfinished upload, or
   * data that can be made again. A committed blob survives the end of the process.
   *
   * @param key the blob
   * @return the writer, which the caller closes
   */
  default BlobWriter createUnsynced(BlobKey key) {
    return create(key);
  }

  /**
   * Looks a blob up without opening it.
   *
   * @param key the blob
   * @return its size and version; nothing when there is no such blob
   */
  Optional<BlobInfo> stat(BlobKey key);

  /**
   * Removes a blob. When this returns, the removal survives a crash.
   *
   * @param key the blob; when it is absent nothing happens
   */
  void delete(BlobKey key);

  /**
   * Removes blobs whose return after a loss of power does no harm.
   *
   * @param keys the blobs; absent ones are no error
   */
  default void deleteAllUnsynced(Collection<BlobKey> keys) {
    deleteAll(keys);
  }

  /**
   * Moves all blobs of a folder to another folder in one step, so that a reader sees none or all of
   * them there. When this returns true, they survive a crash of the machine, however they were
   * written.
   *
   * @param from the folder; it has no folders in it
   * @param to the folder that comes into being
   * @return false when nothing was moved: the store cannot do that, or the target has blobs
   */
  default boolean moveFolder(BlobKey from, BlobKey to) {
    return false;
  }

  /**
   * Copies a blob, in place of any that is there. When this returns true, the copy survives a crash
   * of the machine.
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
   * Lists the blobs directly below a prefix, in no order, as they are found. Names that no key can
   * have are left out.
   *
   * @param prefix the key of which the blobs are children
   * @return the blobs; the caller closes the stream
   */
  Stream<BlobEntry> list(BlobKey prefix);

  /**
   * Names the folders directly below a prefix, in no order, as they are found: the next components
   * of keys that have at least one more. Names that no key can have are left out. Nothing may lie
   * in a folder by the time it is named, and where folders are kept by themselves, one may be left
   * in which nothing lies.
   *
   * @param prefix the key below which the folders are
   * @return each name once; the caller closes the stream
   */
  Stream<String> folders(BlobKey prefix);

  /** The driver's name and where it keeps the blobs, for people; without secrets. */
  String describe();

  /**
   * Asks the store for as little as possible, and waits for a few seconds at most.
   *
   * @throws StorageException when it does not answer, or refuses
   */
  void probe();

  /** Whether nothing can be written or removed, and nothing should be tried. */
  default boolean isReadOnly() {
    return false;
  }

  /**
   * Where a blob can be had from without going through this process, made without asking the store.
   *
   * @param key the blob, which is not looked for
   * @return an absolute URL that a client may use as it is for a while; or a path without scheme
   *     and host, for the web server in front of this process to serve; or nothing when the store
   *     offers neither, or is not set to
   */
  default Optional<URI> downloadUrl(BlobKey key) {
    return Optional.empty();
  }

  /**
   * Names the blobs directly below a prefix, in no order, as they are found. In a folder with few
   * blobs all are named that were there at one moment, even when they are removed before they are
   * named.
   *
   * @param prefix the key of which the blobs are children
   * @return the last components of their keys; the caller closes the stream
   */
  default Stream<String> names(BlobKey prefix) {
    return list(prefix).map(BlobEntry::name);
  }

  /**
   * Removes blobs, in no particular order; as many at once as the store takes. When this returns,
   * the removals survive a crash; when it throws, some may have happened.
   *
   * @param keys the blobs; absent ones are no error
   */
  default void deleteAll(Collection<BlobKey> keys) {
    keys.forEach(this::delete);
  }

  /**
   * The size of a blob.
   *
   * @param key the blob
   * @return the size in bytes; nothing when there is no such blob
   */
  default OptionalLong size(BlobKey key) {
    Optional<BlobInfo> found = stat(key);
    return found.isPresent() ? OptionalLong.of(found.get().size()) : OptionalLong.empty();
  }

  /**
   * Tells whether there is such a blob.
   *
   * @param key the blob
   * @return whether it is there
   */
  default boolean exists(BlobKey key) {
    return stat(key).isPresent();
  }

  /**
   * Reads a small blob whole.
   *
   * @param key the blob
   * @param limit the largest size to read, in bytes
   * @return its bytes and their version; nothing when there is no such blob
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
   * Reads a small blob whole, for those who need not know its version.
   *
   * @param key the blob
   * @param limit the largest size to read, in bytes
   * @return its bytes; nothing when there is no such blob
   * @throws StorageException also when it is larger than the limit
   */
  default Optional<byte[]> read(BlobKey key, int limit) {
    return load(key, limit).map(BlobContent::bytes);
  }

  /**
   * Writes a small blob whole, unless there is one of that key already.
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
   * Writes a small blob whole, as {@link BlobWriter#commit()} does.
   *
   * @param key the blob
   * @param bytes its content
   */
  default void write(BlobKey key, byte[] bytes) {
    try (BlobWriter writer = create(key)) {
      writer.write(bytes);
      boolean unused = writer.commit();
    }
  }

  /**
   * Writes a small blob whole, as {@link #createUnsynced} does.
   *
   * @param key the blob
   * @param bytes its content
   */
  default void writeUnsynced(BlobKey key, byte[] bytes) {
    try (BlobWriter writer = createUnsynced(key)) {
      writer.write(bytes);
      boolean unused = writer.commit();
    }
  }
}
