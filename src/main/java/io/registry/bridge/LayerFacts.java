package io.registry.bridge;

import io.registry.content.files.Compression;
import io.registry.content.files.ScannedLayer;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.platform.json.JsonCodec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What is known of the stored layer of a V1 image.
 *
 * @param version of the stored layer of which it is known
 * @param scan what a pass over the layer found; nothing when no client could unpack the layer
 * @param refusal why no client could unpack the layer; empty when one can
 */
record LayerFacts(String version, Optional<ScannedLayer> scan, String refusal) {
  /** Changes when the meaning of a stored record changes. */
  private static final int FORMAT = 1;

  /**
   * An empty tar, packed with gzip: the bytes that Docker itself uses for it. They stand for a file
   * without bytes, which containerd refuses.
   */
  private static final byte[] EMPTY =
      HexFormat.of().parseHex("1f8b080000096e8800ff621805a360148c5800080000ffff2eafb5ef00040000");

  private static final Digest EMPTY_LAYER = Digest.of(EMPTY);

  private static final Digest EMPTY_DIFF_ID =
      new Digest("sha256", "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");

  /** How the bytes of a layer reach a client. */
  enum Form {
    /** As they are stored. */
    STORED,
    /** Unpacked, because some clients cannot unpack what is stored. */
    UNPACKED,
    /** As an empty tar, because no byte is stored. */
    EMPTY
  }

  static LayerFacts readable(String version, ScannedLayer scan) {
    return new LayerFacts(version, Optional.of(scan), "");
  }

  static LayerFacts unreadable(String version, String reason) {
    return new LayerFacts(version, Optional.empty(), reason);
  }

  static byte[] emptyLayer() {
    return Arrays.copyOf(EMPTY, EMPTY.length);
  }

  /** Whether a digest is that of {@link #emptyLayer}, which every repository has. */
  static boolean isEmptyLayer(Digest digest) {
    return digest.equals(EMPTY_LAYER);
  }

  /** The digest of an empty tar, unpacked. */
  static Digest emptyDiffId() {
    return EMPTY_DIFF_ID;
  }

  private ScannedLayer readable() {
    return scan.orElseThrow(
        () -> new IllegalStateException("the layer cannot be read: " + refusal));
  }

  Form form() {
    ScannedLayer layer = readable();
    if (layer.size() == 0) {
      return Form.EMPTY;
    }
    boolean common =
        layer.compression() == Compression.NONE
            || (layer.compression() == Compression.GZIP && !layer.isFollowed());
    return common ? Form.STORED : Form.UNPACKED;
  }

  /** The layer as it is served. */
  Descriptor descriptor() {
    ScannedLayer layer = readable();
    return switch (form()) {
      case STORED ->
          new Descriptor(
              layer.compression() == Compression.GZIP
                  ? MediaTypes.DOCKER_LAYER_GZIP
                  : MediaTypes.DOCKER_LAYER,
              layer.digest(),
              layer.size());
      case UNPACKED -> new Descriptor(MediaTypes.DOCKER_LAYER, layer.diffId(), layer.plainSize());
      case EMPTY -> new Descriptor(MediaTypes.DOCKER_LAYER_GZIP, Digest.of(EMPTY), EMPTY.length);
    };
  }

  /** The digest of the layer as the client has it after unpacking. */
  Digest diffId() {
    return form() == Form.EMPTY ? EMPTY_DIFF_ID : readable().diffId();
  }

  /** Whether the same layer is described, whatever the version of its file is. */
  boolean isOfLayer(LayerFacts other) {
    return scan.map(ScannedLayer::digest).equals(other.scan.map(ScannedLayer::digest));
  }

  /** Whether the layer changes nothing. */
  boolean isEmpty() {
    return readable().isZero();
  }

  byte[] render(JsonCodec codec) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", FORMAT);
    json.put("version", version);
    scan.ifPresentOrElse(
        layer -> {
          json.put("size", layer.size());
          json.put("digest", layer.digest().toString());
          json.put("compression", layer.compression().name().toLowerCase(Locale.ROOT));
          json.put("followed", layer.isFollowed());
          json.put("plain_size", layer.plainSize());
          json.put("diff_id", layer.diffId().toString());
          json.put("zero", layer.isZero());
        },
        () -> json.put("refusal", refusal));
    return codec.render(json);
  }

  /** Reads a record; nothing when it is damaged or of another format. */
  static Optional<LayerFacts> parse(JsonCodec codec, byte[] bytes) {
    return codec.parse(bytes).filter(JsonNode::isObject).flatMap(LayerFacts::of);
  }

  private static Optional<LayerFacts> of(JsonNode json) {
    String version = json.path("version").asString("");
    if (json.path("format").asInt(0) != FORMAT || version.isEmpty()) {
      return Optional.empty();
    }
    if (json.path("refusal").isString()) {
      return Optional.of(unreadable(version, json.path("refusal").stringValue()));
    }
    Optional<Digest> digest = Digest.find(json.path("digest").asString(""));
    Optional<Digest> diffId = Digest.find(json.path("diff_id").asString(""));
    Optional<Compression> compression =
        Arrays.stream(Compression.values())
            .filter(
                each ->
                    each.name()
                        .toLowerCase(Locale.ROOT)
                        .equals(json.path("compression").asString("")))
            .findFirst();
    if (digest.isEmpty() || diffId.isEmpty() || compression.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        readable(
            version,
            new ScannedLayer(
                json.path("size").asLong(0),
                digest.get(),
                compression.get(),
                json.path("followed").asBoolean(false),
                json.path("plain_size").asLong(0),
                diffId.get(),
                json.path("zero").asBoolean(false))));
  }
}
