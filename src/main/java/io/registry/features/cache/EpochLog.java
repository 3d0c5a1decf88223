package io.registry.features.cache;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The epochs of a store, kept in the store itself as one small blob each; the last one is current.
 * A blob is written once and never replaced, so that a delayed write cannot bring an old epoch
 * back.
 */
final class EpochLog {
  private static final Logger log = LoggerFactory.getLogger(EpochLog.class);
  private static final BlobKey FOLDER = BlobKey.of("_cache");
  private static final Pattern FORM = Pattern.compile("epoch-(\\d{12})");
  private static final int MAX_TEXT = 4096;

  /** How many old epochs are kept, for processes that list them while others add new ones. */
  private static final int KEPT = 64;

  private final BlobStorage storage;

  EpochLog(BlobStorage storage) {
    this.storage = storage;
  }

  /** Reads the current epoch of the store. */
  Epoch current() {
    OptionalLong last;
    try (Stream<String> names = storage.names(FOLDER)) {
      last =
          names
              .map(FORM::matcher)
              .filter(Matcher::matches)
              .mapToLong(name -> Long.parseLong(name.group(1)))
              .max();
    }
    return last.isPresent() ? read(last.getAsLong()) : Epoch.NONE;
  }

  private Epoch read(long number) {
    return storage
        .read(key(number), MAX_TEXT)
        .map(text -> Epoch.parse(number, text))
        .orElseGet(() -> Epoch.parse(number, new byte[0]));
  }

  /**
   * Whether an epoch that was current a moment ago still is. Reads the epoch's own blob as well, so
   * that processes notice when the blobs were removed or replaced.
   */
  boolean isLast(Epoch epoch) {
    return epoch.number() == 0
        ? current().equals(epoch)
        : read(epoch.number()).equals(epoch) && !storage.exists(key(epoch.number() + 1));
  }

  /**
   * Ends an epoch, unless another process has.
   *
   * @param epoch the current epoch
   * @param holder the cache that will hold the repositories
   * @param settled as in {@link Epoch}
   * @return the next epoch; empty when another process has begun one
   */
  Optional<Epoch> end(Epoch epoch, Optional<String> holder, boolean settled) {
    Epoch next = new Epoch(epoch.number() + 1, UUID.randomUUID().toString(), holder, settled);
    if (!storage.writeIfAbsent(key(next.number()), next.text())) {
      return Optional.empty();
    }
    if (next.number() > KEPT) {
      removeOld(next.number() - KEPT);
    }
    return Optional.of(next);
  }

  private void removeOld(long number) {
    try {
      storage.delete(key(number));
    } catch (StorageException e) {
      // An old epoch only takes some space.
      log.debug("An old epoch of the cache could not be removed", e);
    }
  }

  /** The failure of a change that could not be announced to all processes. */
  StorageException unsettled(Epoch epoch) {
    return new StorageException(
        StorageException.Reason.UNAVAILABLE,
        storage.describe(),
        "settle",
        key(epoch.number()),
        new TimeoutException("the store is too slow, or changes its epoch all the time"));
  }

  private static BlobKey key(long number) {
    return FOLDER.child(String.format(Locale.ROOT, "epoch-%012d", number));
  }
}
