package io.registry.operations.transfer;

import io.registry.bridge.ImageConfig;
import io.registry.bridge.V1Layer;
import io.registry.content.archive.ArchiveException;
import io.registry.content.archive.Content;
import io.registry.content.archive.TarFile;
import io.registry.content.archive.TarFile.Entry;
import io.registry.content.files.Compression;
import io.registry.content.files.LayerScanner;
import io.registry.content.files.ScannedLayer;
import io.registry.content.files.UnreadableLayerException;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.operations.transfer.Found.ByDigest;
import io.registry.operations.transfer.Found.Chain;
import io.registry.operations.transfer.Found.Name;
import io.registry.operations.transfer.Found.V1;
import io.registry.platform.json.JsonCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The images of an archive of {@code docker save}, of any age. The folders with V1 images count
 * where the configuration is the one that Docker makes of them; those of Docker 1.10 to 24 are made
 * up from the configuration, which then counts itself.
 */
final class DockerArchiveSource implements ImportSource {
  private static final String MANIFEST = "manifest.json";
  private static final String REPOSITORIES = "repositories";
  private static final String JSON = "/json";
  private static final String LAYER = "/layer.tar";

  /** Longer chains than any daemon makes. */
  private static final int MAX_CHAIN = 1024;

  private final JsonCodec codec;
  private final LayerScanner scanner;
  private final TarFile tar;

  DockerArchiveSource(JsonCodec codec, LayerScanner scanner, TarFile tar) {
    this.codec = codec;
    this.scanner = scanner;
    this.tar = tar;
  }

  /** Whether an archive is one of {@code docker save}. */
  static boolean isOne(TarFile tar) {
    return tar.find(MANIFEST).isPresent()
        || tar.find(REPOSITORIES).isPresent()
        || tar.names().stream().anyMatch(name -> imageOf(name).isPresent());
  }

  private static Optional<ImageId> imageOf(String name) {
    return name.endsWith(JSON)
        ? ImageId.find(name.substring(0, name.length() - JSON.length()))
        : Optional.empty();
  }

  @Override
  public void images(Taker taker) throws IOException {
    Optional<Entry> manifest = tar.find(MANIFEST);
    if (manifest.isEmpty()) {
      old(taker);
      return;
    }
    JsonNode images =
        json(manifest.get())
            .filter(JsonNode::isArray)
            .orElseThrow(() -> new ArchiveException(MANIFEST, "it is not a list of images"));
    for (JsonNode image : images) {
      taker.take(image(image));
    }
  }

  private Optional<JsonNode> json(Entry entry) throws IOException {
    return codec.parseUntrusted(tar.read(entry, Sizes.MAX_DOCUMENT));
  }

  private Found image(JsonNode image) throws IOException {
    List<Name> names = new ArrayList<>();
    image.path("RepoTags").forEach(tag -> names.add(ImageNames.of(tag.asString(""))));
    Entry config = tar.require(image.path("Config").asString(""));
    byte[] bytes = tar.read(config, Sizes.MAX_DOCUMENT);
    List<String> diffIds = new ArrayList<>();
    codec
        .parseUntrusted(bytes)
        .orElseThrow(() -> new ArchiveException(config.name(), "it is not JSON"))
        .path("rootfs")
        .path("diff_ids")
        .forEach(id -> diffIds.add(id.asString("")));
    List<String> layers = new ArrayList<>();
    image.path("Layers").forEach(layer -> layers.add(layer.asString("")));
    if (layers.size() != diffIds.size()) {
      throw new ArchiveException(
          config.name(),
          "it is of %d layers, and there are %d".formatted(diffIds.size(), layers.size()));
    }
    requireName(config);
    Optional<List<V1>> chain = chain(layers, diffIds, config.digest());
    if (chain.isPresent()) {
      return new Chain(names, chain.get());
    }
    return byDigest(names, bytes, layers, diffIds);
  }

  // Docker names the file by its digest; a name that is none says nothing.
  private static void requireName(Entry config) throws ArchiveException {
    String hex = config.name().replaceFirst("\\.json$", "").replaceFirst("^blobs/sha256/", "");
    if (hex.matches("[0-9a-f]{64}") && !hex.equals(config.digest().hex())) {
      throw new ArchiveException(config.name(), "its bytes have another digest");
    }
  }

  private Optional<List<V1>> chain(List<String> layers, List<String> diffIds, Digest config)
      throws IOException {
    if (layers.isEmpty() || !layers.get(layers.size() - 1).endsWith(LAYER)) {
      return Optional.empty();
    }
    String last = layers.get(layers.size() - 1);
    Optional<ImageId> top = ImageId.find(last.substring(0, last.length() - LAYER.length()));
    if (top.isEmpty() || tar.find(top.get() + JSON).isEmpty()) {
      return Optional.empty();
    }
    List<V1> chain = chain(top.get());
    Map<String, String> diffs = new HashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      diffs.put(layers.get(i), diffIds.get(i));
    }
    List<V1Layer> described = new ArrayList<>();
    for (V1 image : chain) {
      String diff = diffs.remove(image.id() + LAYER);
      if (diff != null && Digest.find(diff).isEmpty()) {
        return Optional.empty();
      }
      described.add(
          diff == null
              ? V1Layer.withoutLayer(image.id(), image.json())
              : V1Layer.of(image.id(), image.json(), diff));
    }
    return diffs.isEmpty() && isMadeOf(described, config) ? Optional.of(chain) : Optional.empty();
  }

  private static boolean isMadeOf(List<V1Layer> chain, Digest config) {
    try {
      return ImageConfig.of(chain).digest().equals(config.toString());
    } catch (RuntimeException e) {
      // No configuration can be made of these documents.
      return false;
    }
  }

  // The base first.
  private List<V1> chain(ImageId top) throws IOException {
    List<V1> chain = new ArrayList<>();
    Set<ImageId> seen = new HashSet<>();
    Optional<ImageId> next = Optional.of(top);
    while (next.isPresent()) {
      ImageId id = next.get();
      Optional<Entry> json = tar.find(id + JSON);
      if (json.isEmpty()) {
        // Docker wants the rest to be there already.
        break;
      }
      if (!seen.add(id) || chain.size() > MAX_CHAIN) {
        throw new ArchiveException(id + JSON, "the chain of its parents has no end");
      }
      byte[] bytes = tar.read(json.get(), Sizes.MAX_DOCUMENT);
      Entry layer = tar.require(id + LAYER);
      chain.add(0, new V1(id, bytes, () -> tar.open(layer)));
      JsonNode parsed =
          codec
              .parseUntrusted(bytes)
              .orElseThrow(() -> new ArchiveException(id + JSON, "it is not JSON"));
      next = ImageId.find(parsed.path("parent").asString(""));
    }
    return chain;
  }

  private Found byDigest(List<Name> names, byte[] config, List<String> layers, List<String> diffIds)
      throws IOException {
    Map<Digest, Content> blobs = new HashMap<>();
    List<Map<String, Object>> described = new ArrayList<>();
    boolean isOci = false;
    for (int i = 0; i < layers.size(); i++) {
      Descriptor layer = layer(tar.require(layers.get(i)), diffIds.get(i), blobs);
      isOci |= layer.mediaType().startsWith(OCI);
      described.add(descriptor(layer));
    }
    Digest digest = Digest.of(config);
    blobs.put(digest, () -> new ByteArrayInputStream(config));
    String type = isOci ? MediaTypes.OCI_MANIFEST : MediaTypes.DOCKER_MANIFEST;
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", type);
    manifest.put(
        "config",
        descriptor(
            new Descriptor(
                isOci ? OCI + "config.v1+json" : MediaTypes.DOCKER_CONFIG, digest, config.length)));
    manifest.put("layers", described);
    byte[] bytes = codec.render(manifest);
    return new ByDigest(
        names,
        new Descriptor(type, Digest.of(bytes), bytes.length),
        bytes,
        blob -> Optional.ofNullable(blobs.get(blob.digest())));
  }

  private static final String OCI = "application/vnd.oci.image.";

  private static Map<String, Object> descriptor(Descriptor descriptor) {
    Map<String, Object> json = new TreeMap<>();
    json.put("mediaType", descriptor.mediaType());
    json.put("size", descriptor.size());
    json.put("digest", descriptor.digest().toString());
    return json;
  }

  private Descriptor layer(Entry entry, String diffId, Map<Digest, Content> blobs)
      throws IOException {
    if (entry.digest().toString().equals(diffId)) {
      blobs.put(entry.digest(), () -> tar.open(entry));
      return new Descriptor(MediaTypes.DOCKER_LAYER, entry.digest(), entry.size());
    }
    ScannedLayer scan = scan(entry);
    if (!scan.diffId().toString().equals(diffId)) {
      throw new ArchiveException(entry.name(), "it is another layer than the configuration says");
    }
    String type =
        switch (scan.compression()) {
          case GZIP -> MediaTypes.DOCKER_LAYER_GZIP;
          case ZSTD -> OCI + "layer.v1.tar+zstd";
          default -> MediaTypes.DOCKER_LAYER;
        };
    if ((scan.compression() == Compression.GZIP && scan.isFollowed())
        || type.equals(MediaTypes.DOCKER_LAYER)) {
      // There is no type for it that clients read.
      blobs.put(scan.diffId(), () -> scanner.unpack(tar.open(entry)));
      return new Descriptor(MediaTypes.DOCKER_LAYER, scan.diffId(), scan.plainSize());
    }
    blobs.put(entry.digest(), () -> tar.open(entry));
    return new Descriptor(type, entry.digest(), entry.size());
  }

  private ScannedLayer scan(Entry entry) throws IOException {
    try (InputStream in = tar.open(entry)) {
      return scanner.scan(in, () -> true);
    } catch (UnreadableLayerException e) {
      throw new ArchiveException(entry.name(), "it is no layer: " + e.getMessage());
    }
  }

  // Docker up to 1.9.
  private void old(Taker taker) throws IOException {
    Map<ImageId, List<Name>> tops = new LinkedHashMap<>();
    Optional<Entry> repositories = tar.find(REPOSITORIES);
    if (repositories.isPresent()) {
      JsonNode json =
          json(repositories.get())
              .filter(JsonNode::isObject)
              .orElseThrow(() -> new ArchiveException(REPOSITORIES, "it names no images"));
      json.properties()
          .forEach(
              repository ->
                  repository
                      .getValue()
                      .properties()
                      .forEach(
                          tag ->
                              ImageId.find(tag.getValue().asString(""))
                                  .ifPresent(
                                      id ->
                                          tops.computeIfAbsent(id, key -> new ArrayList<>())
                                              .add(
                                                  new Name(
                                                      ImageNames.withoutHost(repository.getKey()),
                                                      tag.getKey())))));
    }
    if (tops.isEmpty()) {
      leaves().forEach(id -> tops.put(id, List.of()));
    }
    for (Map.Entry<ImageId, List<Name>> top : tops.entrySet()) {
      List<V1> chain = chain(top.getKey());
      if (chain.isEmpty()) {
        throw new ArchiveException(top.getKey() + JSON, "it is named, and not there");
      }
      taker.take(new Chain(top.getValue(), chain));
    }
  }

  // Of `docker save ID`, which writes no names.
  private Set<ImageId> leaves() throws IOException {
    Set<ImageId> leaves = new HashSet<>();
    Set<ImageId> parents = new HashSet<>();
    for (String name : tar.names()) {
      Optional<ImageId> id = imageOf(name);
      if (id.isPresent()) {
        leaves.add(id.get());
        json(tar.require(name))
            .flatMap(json -> ImageId.find(json.path("parent").asString("")))
            .ifPresent(parents::add);
      }
    }
    leaves.removeAll(parents);
    return leaves;
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
