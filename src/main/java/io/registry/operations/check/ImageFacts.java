package io.registry.operations.check;

import io.registry.content.image.ImageId;
import io.registry.content.image.InspectedImage;
import io.registry.content.image.InspectedImage.State;
import io.registry.content.walk.IdTable;
import io.registry.content.walk.RecordFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A table of all images of a store, by number, with 49 bytes for an image in two files. Many
 * threads read it, one writes it.
 */
final class ImageFacts {
  private static final int FACTS = 16;
  private static final int FLAGS_AT = 4;
  private static final int HASH_AT = 8;

  /** The image has no parent. */
  static final int NONE = -1;

  /** The image builds upon one that is not in the table. */
  static final int UNKNOWN = IdTable.UNKNOWN;

  /** A property of an image. */
  enum Flag {
    HAS_JSON(1 << 0),
    HAS_LAYER(1 << 1),
    HAS_CHECKSUM(1 << 2),
    STUCK(1 << 3),
    UNDER_WAY(1 << 4),
    RECENT(1 << 5),
    HAS_ANCESTRY(1 << 6),
    TAGGED(1 << 7),
    REACHED(1 << 8);

    private final int bit;

    Flag(int bit) {
      this.bit = bit;
    }
  }

  private final IdTable ids;
  private final RecordFile facts;
  private final int size;

  /**
   * Opens the table of a check.
   *
   * @param ids the file of sorted ids
   * @param facts the file of their properties, created if it does not exist
   */
  ImageFacts(Path ids, Path facts) throws IOException {
    this.ids = new IdTable(ids);
    this.size = this.ids.size();
    this.facts = new RecordFile(facts, FACTS, size);
  }

  int size() {
    return size;
  }

  ImageId id(int index) {
    return ids.id(index);
  }

  /** The number of an image; {@link #UNKNOWN} when it is not in the table. */
  int find(ImageId id) {
    return ids.find(id);
  }

  /** Stores the result of inspecting an image. */
  void note(int index, InspectedImage image) {
    ByteBuffer map = facts.map(index);
    int at = facts.offset(index);
    map.putInt(at, image.parent().map(this::find).orElse(NONE));
    map.putInt(at + FLAGS_AT, flags(image));
    map.putLong(at + HASH_AT, image.ancestry().ids().map(ImageFacts::hash).orElse(0L));
  }

  private static int flags(InspectedImage image) {
    return bit(Flag.HAS_JSON, image.hasJson())
        | bit(Flag.HAS_LAYER, image.hasLayer())
        | bit(Flag.HAS_CHECKSUM, image.hasChecksum())
        | bit(Flag.STUCK, image.state() == State.STUCK)
        | bit(Flag.UNDER_WAY, image.state() == State.UNDER_WAY)
        | bit(Flag.RECENT, image.recent())
        | bit(Flag.HAS_ANCESTRY, image.ancestry().ids().isPresent());
  }

  private static int bit(Flag flag, boolean set) {
    return set ? flag.bit : 0;
  }

  boolean is(int index, Flag flag) {
    return (facts.map(index).getInt(facts.offset(index) + FLAGS_AT) & flag.bit) != 0;
  }

  void set(int index, Flag flag) {
    int at = facts.offset(index) + FLAGS_AT;
    facts.map(index).putInt(at, facts.map(index).getInt(at) | flag.bit);
  }

  /** The number of the parent of an image, or {@link #NONE}, or {@link #UNKNOWN}. */
  int parent(int index) {
    return facts.map(index).getInt(facts.offset(index));
  }

  /** Whether the ancestry file of an image has this content. */
  boolean hasAncestry(int index, List<ImageId> ancestry) {
    return is(index, Flag.HAS_ANCESTRY)
        && facts.map(index).getLong(facts.offset(index) + HASH_AT) == hash(ancestry);
  }

  /**
   * The ancestry of an image, computed from the parents.
   *
   * @param index the image
   * @param most the largest number of images in it
   * @return the ancestry; empty when one of the images is missing, or the chain has no end
   */
  Optional<List<ImageId>> chain(int index, int most) {
    Set<ImageId> chain = new LinkedHashSet<>();
    int next = index;
    while (next >= 0) {
      if (!is(next, Flag.HAS_JSON) || chain.size() == most || !chain.add(id(next))) {
        return Optional.empty();
      }
      next = parent(next);
    }
    return next == UNKNOWN ? Optional.empty() : Optional.of(List.copyOf(chain));
  }

  /** Marks all images that are reachable from tagged ones. */
  void markReached() {
    for (int index = 0; index < size; index++) {
      int next = is(index, Flag.TAGGED) ? index : NONE;
      while (next >= 0 && !is(next, Flag.REACHED)) {
        set(next, Flag.REACHED);
        next = parent(next);
      }
    }
  }

  void force() {
    facts.force();
  }

  private static long hash(List<ImageId> ids) {
    MessageDigest digest = DigestUtils.getSha256Digest();
    ids.forEach(id -> digest.update((id + " ").getBytes(StandardCharsets.US_ASCII)));
    return ByteBuffer.wrap(digest.digest()).getLong();
  }
}
