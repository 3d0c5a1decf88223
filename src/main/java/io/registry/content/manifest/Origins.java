package io.registry.content.manifest;

import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Knows the manifests that V1 images came with over V2. An image that came over V1 first has none,
 * and is served with the manifest that was made of it.
 */
public final class Origins {
  static final BlobKey IMAGES = BlobStore.ROOT.child("images");
  private static final int SHARD = 2;
  private static final int SMALL = 64 * 1024;

  private final BlobStorage storage;
  private final JsonCodec codec;

  /** Origins in a store. */
  public Origins(BlobStorage storage, JsonCodec codec) {
    this.storage = storage;
    this.codec = codec;
  }

  /**
   * How an image was pushed over V2.
   *
   * @param manifest the first manifest that it was pushed with; empty when the image came over V1
   *     before
   * @param isAnnounced whether all servers of the store look for the origin. Those that have seen
   *     an image without one do not, until the generation of what is derived changes
   */
  public record Origin(Optional<Descriptor> manifest, boolean isAnnounced) {}

  /** The origin of an image; empty when it was never pushed over V2. */
  public Optional<Origin> find(ImageId image) {
    return storage.read(key(image), SMALL).flatMap(codec::parse).map(Origins::origin);
  }

  private static Origin origin(JsonNode json) {
    return new Origin(
        Digest.find(json.path("digest").asString(""))
            .map(
                digest ->
                    new Descriptor(
                        json.path("mediaType").asString(""), digest, json.path("size").asLong(0))),
        json.path("announced").asBoolean(json.has("digest")));
  }

  /**
   * Notes the origin of an image, unless it has one.
   *
   * @param manifest the manifest that it comes with; empty when it came over V1 before
   * @param wasSeen whether a server may have seen the image without an origin
   * @param announcement tells all servers of the store to look for the origin
   */
  public void add(
      ImageId image, Optional<Descriptor> manifest, boolean wasSeen, Runnable announcement) {
    boolean isFirst =
        storage.writeIfAbsent(key(image), codec.render(json(new Origin(manifest, !wasSeen))));
    if (!wasSeen) {
      return;
    }
    announcement.run();
    Optional<Descriptor> kept = isFirst ? manifest : find(image).flatMap(Origin::manifest);
    storage.write(key(image), codec.render(json(new Origin(kept, true))));
  }

  private static Map<String, Object> json(Origin origin) {
    Map<String, Object> json = new LinkedHashMap<>();
    origin
        .manifest()
        .ifPresent(
            manifest -> {
              json.put("mediaType", manifest.mediaType());
              json.put("digest", manifest.digest().toString());
              json.put("size", manifest.size());
            });
    json.put("announced", origin.isAnnounced());
    return json;
  }

  private static BlobKey key(ImageId image) {
    return IMAGES.child(image.value().substring(0, SHARD)).child(image.value());
  }
}
