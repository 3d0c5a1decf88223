package io.registry.content.image;

import java.security.MessageDigest;
import org.apache.commons.codec.digest.DigestUtils;

/** Computes the simple checksum: SHA-256 over the JSON, a line feed and the layer. */
public final class LayerDigest {
  private final MessageDigest digest = DigestUtils.getSha256Digest();

  /**
   * Begins a checksum.
   *
   * @param json the JSON of the image
   */
  public LayerDigest(byte[] json) {
    digest.update(json);
    digest.update((byte) '\n');
  }

  /** Adds the next bytes of the layer. */
  public void update(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
  }

  /** Takes the next bytes of the layer, as {@link #update} does. */
  MessageDigest hash() {
    return digest;
  }

  /** The checksum; call it once, after all bytes were added. */
  public Checksum sum() {
    return Checksum.simple(digest);
  }
}
