package io.registry.bridge;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.platform.json.JsonCodec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A V1 image as it is served by digest.
 *
 * @param generation of the store for which this is known to hold
 * @param manifest the manifest; nothing when the image cannot be served
 * @param config the configuration; nothing when the image cannot be served
 * @param layers the layers, the base first
 * @param refusal why the image cannot be served; empty when it can
 */
record BridgedImage(
    String generation,
    Optional<Descriptor> manifest,
    Optional<Descriptor> config,
    List<Layer> layers,
    String refusal) {
  private static final int FORMAT = 1;

  /** A layer of the manifest, and the V1 image that it belongs to. */
  record Layer(ImageId image, Descriptor descriptor) {}

  BridgedImage {
    layers = List.copyOf(layers);
  }

  static BridgedImage refused(String generation, String reason) {
    return new BridgedImage(generation, Optional.empty(), Optional.empty(), List.of(), reason);
  }

  byte[] render(JsonCodec codec) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", FORMAT);
    json.put("generation", generation);
    manifest.ifPresent(descriptor -> json.put("manifest", render(descriptor)));
    config.ifPresent(descriptor -> json.put("config", render(descriptor)));
    if (!refusal.isEmpty()) {
      json.put("refusal", refusal);
    }
    List<Object> rendered = new ArrayList<>();
    for (Layer layer : layers) {
      Map<String, Object> one = render(layer.descriptor());
      one.put("image", layer.image().value());
      rendered.add(one);
    }
    json.put("layers", rendered);
    return codec.render(json);
  }

  private static Map<String, Object> render(Descriptor descriptor) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", descriptor.mediaType());
    json.put("digest", descriptor.digest().toString());
    json.put("size", descriptor.size());
    return json;
  }

  /** Reads a record; nothing when it is damaged or of another format. */
  static Optional<BridgedImage> parse(JsonCodec codec, byte[] bytes) {
    return codec
        .parse(bytes)
        .filter(json -> json.path("format").asInt(0) == FORMAT)
        .flatMap(BridgedImage::of);
  }

  private static Optional<BridgedImage> of(JsonNode json) {
    String generation = json.path("generation").asString("");
    String refusal = json.path("refusal").asString("");
    if (!refusal.isEmpty()) {
      return Optional.of(refused(generation, refusal));
    }
    List<Layer> layers = new ArrayList<>();
    for (JsonNode each : json.path("layers")) {
      Optional<ImageId> image = ImageId.find(each.path("image").asString(""));
      Optional<Descriptor> descriptor = descriptor(each);
      if (image.isEmpty() || descriptor.isEmpty()) {
        return Optional.empty();
      }
      layers.add(new Layer(image.get(), descriptor.get()));
    }
    Optional<Descriptor> manifest = descriptor(json.path("manifest"));
    Optional<Descriptor> config = descriptor(json.path("config"));
    return manifest.isPresent() && config.isPresent()
        ? Optional.of(new BridgedImage(generation, manifest, config, layers, ""))
        : Optional.empty();
  }

  private static Optional<Descriptor> descriptor(JsonNode json) {
    return Digest.find(json.path("digest").asString(""))
        .map(
            digest ->
                new Descriptor(
                    json.path("type").asString(MediaTypes.DOCKER_LAYER),
                    digest,
                    json.path("size").asLong(0)));
  }
}
