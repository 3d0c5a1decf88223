package io.registry.bridge;

import io.registry.content.manifest.Digest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * The image config of a V1 image, byte for byte as Docker 1.12.6 makes it when it pulls the image
 * over V1. A daemon that did so computes the same image id and downloads nothing when it pulls the
 * image again over V2.
 *
 * <p>If the last image names a Docker older than 1.8.3, or none, Docker decodes the JSON into its
 * own struct and encodes that: unknown keys disappear and missing ones appear. Otherwise it copies
 * the values without white space. Both ways the top-level keys are sorted, and every image of the
 * chain becomes an entry of the history.
 */
public final class ImageConfig {
  private static final String FIRST_VERBATIM_VERSION = "1.8.3";
  private static final Set<String> DROPPED_KEYS =
      Set.of("id", "parent", "Size", "parent_id", "layer_id", "throwaway");

  private final byte[] bytes;
  private final String digest;

  private ImageConfig(byte[] bytes) {
    this.bytes = bytes;
    this.digest = Digest.of(bytes).toString();
  }

  /**
   * Makes the config of the last image of a chain.
   *
   * @param chain the images, base first; iterated over once, so that only one JSON has to be in
   *     memory
   * @return the config
   * @throws UnrepresentableException when Docker refuses the JSON of one of the images
   * @throws IllegalArgumentException when the chain is empty
   */
  public static ImageConfig of(Iterable<V1Layer> chain) {
    Iterator<V1Layer> layers = chain.iterator();
    if (!layers.hasNext()) {
      throw new IllegalArgumentException("a chain has at least one image");
    }
    List<String> diffIds = new ArrayList<>();
    GoWriter history = new GoWriter();
    String separator = "[";
    while (true) {
      V1Layer layer = layers.next();
      try {
        V1Image image = V1Image.of(JsonCursor.over(layer.document()));
        image.encodeHistory(history.raw(separator), layer.diffId().isEmpty());
        layer.diffId().ifPresent(diffIds::add);
        if (!layers.hasNext()) {
          return new ImageConfig(config(layer, image, rootFs(diffIds), history.raw("]").bytes()));
        }
      } catch (MisfitException e) {
        throw new UnrepresentableException(layer.id(), e.description());
      }
      separator = ",";
    }
  }

  private static byte[] rootFs(List<String> diffIds) {
    GoWriter out = new GoWriter().raw("{\"type\":\"layers\"");
    if (!diffIds.isEmpty()) {
      out.raw(",\"diff_ids\":[\"").raw(String.join("\",\"", diffIds)).raw("\"]");
    }
    return out.raw("}").bytes();
  }

  private static byte[] config(V1Layer top, V1Image image, byte[] rootFs, byte[] history) {
    JsonCursor source =
        JsonCursor.over(
            DockerVersion.isLower(image.dockerVersion(), FIRST_VERBATIM_VERSION)
                ? image.encoded()
                : top.document());
    byte[] config =
        GoMap.of(source)
            .without(DROPPED_KEYS)
            .with("rootfs", rootFs)
            .with("history", history)
            .encoded();
    // Docker decodes what it made before it stores it, and then looks at more keys.
    V1Image.decodeConfig(JsonCursor.over(config));
    return config;
  }

  /** Returns a copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns how many bytes the config has. */
  public int size() {
    return bytes.length;
  }

  /** Returns the digest of the bytes, which is Docker's image id: {@code sha256:HEX}. */
  public String digest() {
    return digest;
  }
}
