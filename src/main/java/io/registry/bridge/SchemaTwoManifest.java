package io.registry.bridge;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An image manifest of Docker's schema 2, which names the V1 images that it was made of. Clients
 * ignore the annotations that they do not know.
 *
 * <p>The bytes are laid out as Docker and Distribution lay out the manifests that they make: keys
 * in the order of the specification, annotations last, three spaces of indentation, and no line
 * feed at the end.
 */
public final class SchemaTwoManifest {
  /** The annotation of a manifest and of each of its layers that contains the V1 id. */
  public static final String ID_ANNOTATION = "io.registry.v1.id";

  private static final Pattern MEDIA_TYPE_FORM = Pattern.compile("[a-z0-9]+/[a-z0-9.+_-]+");

  private final byte[] bytes;
  private final String digest;

  private SchemaTwoManifest(byte[] bytes) {
    this.bytes = bytes;
    this.digest = Digest.of(bytes).toString();
  }

  /**
   * A layer as it is served.
   *
   * @param id the V1 image that the layer belongs to
   * @param mediaType what the bytes are
   * @param size how many bytes there are
   * @param digest the digest of the bytes, {@code sha256:HEX}
   */
  public record Layer(ImageId id, String mediaType, long size, String digest) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException when they cannot be part of a manifest
     */
    public Layer {
      if (!MEDIA_TYPE_FORM.matcher(mediaType).matches()) {
        throw new IllegalArgumentException("not a media type: " + mediaType);
      }
      if (size < 0) {
        throw new IllegalArgumentException("a layer has no negative size");
      }
      digest = Digests.checked(digest);
    }
  }

  /**
   * Makes the manifest of an image.
   *
   * @param top the V1 image that the tag names
   * @param config the image config
   * @param layers the layers, base first, without those that are left out
   * @return the manifest
   */
  public static SchemaTwoManifest of(ImageId top, ImageConfig config, List<Layer> layers) {
    StringBuilder json = new StringBuilder();
    json.append("{\n   \"schemaVersion\": 2,\n   \"mediaType\": \"")
        .append(MediaTypes.DOCKER_MANIFEST)
        .append("\",\n   \"config\": {");
    appendBlob(json, "      ", MediaTypes.DOCKER_CONFIG, config.size(), config.digest());
    json.append("\n   },\n   \"layers\": [");
    String separator = "";
    for (Layer layer : layers) {
      json.append(separator).append("\n      {");
      appendBlob(json, "         ", layer.mediaType(), layer.size(), layer.digest());
      json.append(',');
      appendAnnotation(json, "         ", layer.id());
      json.append("\n      }");
      separator = ",";
    }
    json.append(layers.isEmpty() ? "]," : "\n   ],");
    appendAnnotation(json, "   ", top);
    json.append("\n}");
    return new SchemaTwoManifest(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void appendBlob(
      StringBuilder json, String indent, String mediaType, long size, String digest) {
    json.append('\n').append(indent).append("\"mediaType\": \"").append(mediaType);
    json.append("\",\n").append(indent).append("\"size\": ").append(size);
    json.append(",\n").append(indent).append("\"digest\": \"").append(digest).append('"');
  }

  private static void appendAnnotation(StringBuilder json, String indent, ImageId id) {
    json.append('\n').append(indent).append("\"annotations\": {\n").append(indent);
    json.append("   \"").append(ID_ANNOTATION).append("\": \"").append(id).append("\"\n");
    json.append(indent).append('}');
  }

  /** Returns a copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns the digest of the bytes: {@code sha256:HEX}. */
  public String digest() {
    return digest;
  }
}
