package io.registry.content.lease;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small text in the store that processes replace one after the other. Each version is a blob of
 * its own; the one with the highest number is current. A blob is written once and never replaced,
 * so that a delayed write cannot bring an old version back.
 */
public final class NumberedBlobs {
  private static final Logger log = LoggerFactory.getLogger(NumberedBlobs.class);
  private static final int MAX_TEXT = 4096;
  private static final int DIGITS = 12;

  /** How many old blobs are kept, for processes that list them while others add new ones. */
  private static final int KEPT = 64;

  private final BlobStorage storage;
  private final BlobKey folder;
  private final String prefix;

  /**
   * Names the blobs.
   *
   * @param storage the store
   * @param folder the folder of the blobs
   * @param prefix the beginning of their names, which twelve digits follow
   */
  public NumberedBlobs(BlobStorage storage, BlobKey folder, String prefix) {
    this.storage = storage;
    this.folder = folder;
    this.prefix = prefix;
  }

  /** Reads the blob with the highest number. */
  NumberedBlob last() {
    OptionalLong last;
    try (Stream<String> names = storage.names(folder)) {
      last = names.filter(this::isNumbered).mapToLong(this::number).max();
    }
    return last.isPresent() ? read(last.getAsLong()) : NumberedBlob.NONE;
  }

  private boolean isNumbered(String name) {
    return name.length() == prefix.length() + DIGITS
        && name.startsWith(prefix)
        && name.chars().skip(prefix.length()).allMatch(c -> '0' <= c && c <= '9');
  }

  private long number(String name) {
    return Long.parseLong(name.substring(prefix.length()));
  }

  /** Reads a blob; the text of a missing one is empty. */
  NumberedBlob read(long number) {
    byte[] text = storage.read(key(number), MAX_TEXT).orElse(new byte[0]);
    return new NumberedBlob(number, new String(text, StandardCharsets.UTF_8));
  }

  /**
   * Whether a blob that was the last one a moment ago still is. Reads the blob as well, so that
   * processes notice when the blobs were removed or replaced.
   */
  boolean isLast(NumberedBlob blob) {
    return blob.number() == 0
        ? last().equals(blob)
        : read(blob.number()).equals(blob) && !storage.exists(key(blob.number() + 1));
  }

  /**
   * Adds a blob, unless another process has added one.
   *
   * @param last the number of the last blob
   * @param text the content of the next one
   * @return whether this call has added it
   */
  boolean addAfter(long last, String text) {
    long number = last + 1;
    if (!storage.writeIfAbsent(key(number), text.getBytes(StandardCharsets.UTF_8))) {
      return false;
    }
    if (number > KEPT) {
      remove(number - KEPT);
    }
    return true;
  }

  /** Removes a blob that is not the last one. */
  void remove(long number) {
    try {
      storage.delete(key(number));
    } catch (StorageException e) {
      // An old blob only takes some space.
      log.debug("An old {} could not be removed", key(number), e);
    }
  }

  /** A failure of the store that concerns these blobs. */
  StorageException failure(long number, String what, Exception cause) {
    return new StorageException(
        StorageException.Reason.UNAVAILABLE, storage.describe(), what, key(number), cause);
  }

  /** The beginning of their keys, for log lines. */
  String describe() {
    return folder.child(prefix).path();
  }

  private BlobKey key(long number) {
    return folder.child(prefix + String.format(Locale.ROOT, "%0" + DIGITS + "d", number));
  }
}
