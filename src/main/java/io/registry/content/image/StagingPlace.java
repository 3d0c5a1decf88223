package io.registry.content.image;

import io.registry.storage.BlobKey;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Identifies the incomplete upload of one image by one client. Requests of other clients cannot
 * reach it.
 *
 * @param image the image
 * @param client a hash of the account or address whose share the upload uses
 * @param pusher a hash of the client's identity
 */
record StagingPlace(ImageId image, String client, String pusher) {
  /** The folder of all uploads. The original ignores it. */
  static final BlobKey ROOT = BlobKey.of("_staging");

  private static final int CLIENT_DIGITS = 16;
  private static final int PUSHER_DIGITS = 32;
  private static final Pattern NAME =
      Pattern.compile("([0-9a-f]{%d})-([0-9a-f]{%d})".formatted(CLIENT_DIGITS, PUSHER_DIGITS));

  static StagingPlace of(ImageId image, Pusher pusher) {
    return new StagingPlace(
        image,
        hash(pusher.client()).substring(0, CLIENT_DIGITS),
        hash(pusher.identity()).substring(0, PUSHER_DIGITS));
  }

  /** Parses the name of an upload's folder; empty when it is not one. */
  static Optional<StagingPlace> find(String image, String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? ImageId.find(image).map(id -> new StagingPlace(id, matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /** The folder of all uploads of an image. */
  static BlobKey folder(ImageId image) {
    return ROOT.child(image.value());
  }

  BlobKey folder() {
    return folder(image).child(client + "-" + pusher);
  }

  /**
   * Creates the name of a folder for another layer; it becomes the image's folder when the layer
   * completes the image.
   */
  BlobKey newLayerFolder() {
    return folder().child(UUID.randomUUID().toString());
  }

  // Hashes keep names of accounts and tokens out of the store.
  private static String hash(String text) {
    return DigestUtils.sha256Hex(text);
  }
}
