package io.registry.bridge;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The manifest and the configuration that a chain of V1 images is served as, whether the images
 * came over V1 or in a manifest of schema 1.
 *
 * @param manifest the manifest of schema 2
 * @param config the configuration
 * @param layers the layers, the base first
 */
@SuppressWarnings("ArrayRecordComponent")
record ImageDocuments(byte[] manifest, byte[] config, List<BridgedImage.Layer> layers) {
  /** Docker refuses to unpack more layers than that ("max depth exceeded"). */
  static final int MAX_DEPTH = 125;

  ImageDocuments {
    layers = List.copyOf(layers);
  }

  /**
   * An image of the chain.
   *
   * @param id its V1 id
   * @param json its JSON
   * @param layer what is served as its layer, and what it unpacks to; empty for an entry of the
   *     history without a layer
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Part(ImageId id, byte[] json, Optional<Layer> layer) {
    static Part withoutLayer(ImageId id, byte[] json) {
      return new Part(id, json, Optional.empty());
    }

    static Part of(ImageId id, byte[] json, LayerFacts layer) {
      return of(id, json, layer, layer.descriptor());
    }

    static Part of(ImageId id, byte[] json, LayerFacts layer, Descriptor served) {
      return new Part(
          id, json, Optional.of(new Layer(served, layer.diffId().toString(), layer.isEmpty())));
    }
  }

  /**
   * A layer.
   *
   * @param served the bytes that clients get
   * @param diffId the digest of the same, unpacked
   * @param isEmpty whether it changes nothing
   */
  record Layer(Descriptor served, String diffId, boolean isEmpty) {}

  /**
   * Makes the documents. The same chain makes the same bytes.
   *
   * @param chain the images, the base first
   * @throws UnrepresentableException when Docker refuses the JSON of one of the images
   */
  static ImageDocuments of(List<Part> chain) {
    boolean tooDeep = chain.stream().filter(part -> part.layer().isPresent()).count() > MAX_DEPTH;
    List<V1Layer> configured = new ArrayList<>();
    List<BridgedImage.Layer> served = new ArrayList<>();
    for (Part part : chain) {
      Optional<Layer> layer = part.layer().filter(found -> !(tooDeep && found.isEmpty()));
      if (layer.isEmpty()) {
        configured.add(V1Layer.withoutLayer(part.id(), part.json()));
      } else {
        configured.add(V1Layer.of(part.id(), part.json(), layer.get().diffId()));
        served.add(new BridgedImage.Layer(part.id(), layer.get().served()));
      }
    }
    ImageConfig config = ImageConfig.of(configured);
    SchemaTwoManifest manifest =
        SchemaTwoManifest.of(
            chain.get(chain.size() - 1).id(),
            config,
            served.stream()
                .map(
                    layer ->
                        new SchemaTwoManifest.Layer(
                            layer.image(),
                            layer.descriptor().mediaType(),
                            layer.descriptor().size(),
                            layer.descriptor().digest().toString()))
                .toList());
    return new ImageDocuments(manifest.bytes(), config.bytes(), served);
  }
}
