package io.registry.bridge;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.manifest.SchemaOneManifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The V1 images that a pushed image stands for, as Docker 1.12.6 makes them when it pushes the same
 * image over V1 (distribution/push_v1.go). Each layer is an image. The id of the last one is the
 * hash of the configuration, that of each other one its ChainID, a hash of the unpacked layers. So
 * the ids depend on nothing but the configuration, and are a claim until the layers are verified.
 *
 * <p>An image of schema 1 stands for the V1 images that its manifest contains, with their own ids.
 */
public final class V1Chain {
  /** V1 clients refuse more layers. */
  private static final int MAX_LAYERS = 127;

  /** A layer that is no tar that every V1 client can have: encrypted, or elsewhere, has another. */
  private static final Set<String> LAYER_TYPES =
      Set.of(
          MediaTypes.DOCKER_LAYER,
          MediaTypes.DOCKER_LAYER_GZIP,
          "application/vnd.docker.image.rootfs.diff.tar.zstd",
          "application/vnd.oci.image.layer.v1.tar",
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.oci.image.layer.v1.tar+zstd");

  private static final Set<String> CONFIG_TYPES =
      Set.of(MediaTypes.DOCKER_CONFIG, "application/vnd.oci.image.config.v1+json");

  /** The keys that a configuration has and a V1 JSON has not, or has with other values. */
  private static final Set<String> DROPPED_KEYS =
      Set.of("rootfs", "history", "os.version", "os.features", "id", "parent");

  private static final String WINDOWS = "windows";

  private final Supplier<List<Link>> links;

  private V1Chain(Supplier<List<Link>> links) {
    this.links = links;
  }

  /** The chain of an image of schema 2 or OCI. */
  public static V1Chain of(PushedImage image) {
    return new V1Chain(() -> links(image));
  }

  /** The chain of an image of schema 1, whose manifest contains it as it is. */
  public static V1Chain of(SchemaOneManifest manifest) {
    return new V1Chain(() -> links(manifest));
  }

  /**
   * The images of the chain, the base first.
   *
   * @throws NoViewException when V1 cannot express the image
   */
  List<Link> links() {
    return links.get();
  }

  /**
   * An image of the chain.
   *
   * @param ancestry the image first, the base image last
   * @param json its JSON
   * @param diffId what its layer has to be when it is unpacked; empty when nothing says that
   * @param layer the layer; empty when the image has none, and gets an empty tar
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Link(
      List<ImageId> ancestry, byte[] json, Optional<Digest> diffId, Optional<Descriptor> layer) {
    Link {
      ancestry = List.copyOf(ancestry);
    }

    ImageId id() {
      return ancestry.get(0);
    }
  }

  private static List<Link> links(PushedImage image) {
    requireTypes(image);
    V1Image.Config config;
    try {
      config = V1Image.decodeConfig(JsonCursor.over(image.config()));
    } catch (MisfitException e) {
      throw new NoViewException("Docker refuses the configuration: " + e.description());
    }
    List<Digest> diffIds = diffIds(image, config);
    ImageId top = new ImageId(Digest.of(image.config()).hex());
    if (diffIds.isEmpty()) {
      return List.of(
          new Link(
              List.of(top),
              topJson(image.config(), List.of(top)),
              Optional.of(LayerFacts.emptyDiffId()),
              Optional.empty()));
    }
    List<Link> links = new ArrayList<>();
    List<ImageId> chain = new ArrayList<>();
    Digest chainId = diffIds.get(0);
    for (int i = 0; i < diffIds.size(); i++) {
      if (i > 0) {
        chainId = Digest.of((chainId + " " + diffIds.get(i)).getBytes(StandardCharsets.US_ASCII));
      }
      boolean last = i == diffIds.size() - 1;
      chain.add(last ? top : new ImageId(chainId.hex()));
      List<ImageId> ancestry = new ArrayList<>(chain);
      Collections.reverse(ancestry);
      byte[] json = last ? topJson(image.config(), ancestry) : json(ancestry);
      links.add(
          new Link(
              ancestry, json, Optional.of(diffIds.get(i)), Optional.of(image.layers().get(i))));
    }
    return links;
  }

  private static List<Link> links(SchemaOneManifest manifest) {
    requireDepth(manifest.images().size());
    List<Link> links = new ArrayList<>();
    List<ImageId> ancestry = manifest.ancestry();
    for (int i = 0; i < ancestry.size(); i++) {
      SchemaOneManifest.Image image = manifest.images().get(i);
      boolean isEmpty = LayerFacts.isEmptyLayer(image.layer());
      links.add(
          new Link(
              ancestry.subList(ancestry.size() - 1 - i, ancestry.size()),
              image.json(),
              isEmpty ? Optional.of(LayerFacts.emptyDiffId()) : Optional.empty(),
              isEmpty
                  ? Optional.empty()
                  : Optional.of(
                      new Descriptor(
                          MediaTypes.DOCKER_LAYER_GZIP, image.layer(), Descriptor.UNKNOWN_SIZE))));
    }
    return links;
  }

  private static void requireDepth(int count) {
    if (count > MAX_LAYERS) {
      throw new NoViewException(
          "The image has %d layers, and V1 clients take up to %d".formatted(count, MAX_LAYERS));
    }
  }

  private static void requireTypes(PushedImage image) {
    if (!CONFIG_TYPES.contains(image.configType())) {
      throw new NoViewException(
          "The configuration is not that of a Docker or OCI image: " + image.configType());
    }
    for (Descriptor layer : image.layers()) {
      if (!LAYER_TYPES.contains(layer.mediaType())) {
        throw new NoViewException("V1 has no layers of the type " + layer.mediaType());
      }
    }
  }

  private static List<Digest> diffIds(PushedImage image, V1Image.Config config) {
    if (config.os().equalsIgnoreCase(WINDOWS)) {
      throw new NoViewException("V1 has no Windows images");
    }
    int count = config.diffIds().size();
    if (count != image.layers().size()) {
      throw new NoViewException(
          "The configuration describes %d layers, the manifest %d"
              .formatted(count, image.layers().size()));
    }
    requireDepth(count);
    return config.diffIds().stream()
        .map(
            text ->
                Digests.find(text)
                    .orElseThrow(
                        () -> new NoViewException("A diff_id of the configuration is no SHA-256")))
        .toList();
  }

  private static byte[] json(List<ImageId> ancestry) {
    String parent = ancestry.size() > 1 ? ",\"parent\":\"%s\"".formatted(ancestry.get(1)) : "";
    return "{\"id\":\"%s\"%s}"
        .formatted(ancestry.get(0), parent)
        .getBytes(StandardCharsets.US_ASCII);
  }

  // Docker 1.12.6 keeps the parent of a configuration with one layer. That names no V1 image.
  private static byte[] topJson(byte[] config, List<ImageId> ancestry) {
    GoMap json =
        GoMap.of(JsonCursor.over(config)).without(DROPPED_KEYS).with("id", quoted(ancestry.get(0)));
    return (ancestry.size() > 1 ? json.with("parent", quoted(ancestry.get(1))) : json).encoded();
  }

  private static byte[] quoted(ImageId id) {
    return ('"' + id.value() + '"').getBytes(StandardCharsets.US_ASCII);
  }
}
