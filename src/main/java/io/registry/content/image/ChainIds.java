package io.registry.content.image;

import io.registry.storage.Blob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Verifies the ids that Docker 1.10 and later give to all images of a push but the last: the
 * ChainID, a hash of the uncompressed layers. The JSON of such an image contains only its id and
 * its parent, so the claim can be checked.
 */
final class ChainIds {
  private static final Pattern JSON =
      Pattern.compile("\\{\"id\":\"([0-9a-f]{64})\"(?:,\"parent\":\"([0-9a-f]{64})\")?\\}\\s*");
  private static final int BUFFER = 64 * 1024;

  private ChainIds() {}

  /** Whether the JSON has the form of an image whose id is a ChainID. */
  static boolean isClaimed(byte[] json) {
    return json.length < 1_000 && JSON.matcher(new String(json, StandardCharsets.UTF_8)).matches();
  }

  /**
   * Whether the id is the ChainID of the layer on top of the parent's.
   *
   * @param json a JSON of that form
   * @param layer the layer
   * @throws IOException when the layer cannot be decompressed
   */
  static boolean isTrue(byte[] json, Blob layer) throws IOException {
    Matcher claim = JSON.matcher(new String(json, StandardCharsets.UTF_8));
    if (!claim.matches()) {
      throw new IllegalArgumentException("the JSON claims no ChainID");
    }
    String content = "sha256:" + unpackedDigest(layer.body());
    if (claim.group(2) == null) {
      return content.equals("sha256:" + claim.group(1));
    }
    String chain = "sha256:" + claim.group(2) + " " + content;
    return DigestUtils.sha256Hex(chain).equals(claim.group(1));
  }

  private static String unpackedDigest(InputStream layer) throws IOException {
    MessageDigest digest = DigestUtils.getSha256Digest();
    InputStream unpacked = TarSum.decompress(layer);
    byte[] buffer = new byte[BUFFER];
    for (int count = unpacked.read(buffer); count >= 0; count = unpacked.read(buffer)) {
      digest.update(buffer, 0, count);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
