package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes an archive that {@code docker load} reads, of any age. Daemons up to 1.9 read the folders
 * with the V1 images and {@code repositories}; later ones, and all other programs, read {@code
 * manifest.json}, which names the layers in the same folders (moby, image/tarexport).
 */
public final class DockerArchive implements AutoCloseable {
  private static final byte[] VERSION = "1.0".getBytes(StandardCharsets.US_ASCII);

  /** A tar without entries. */
  private static final byte[] NOTHING = new byte[1024];

  private final TarOutput tar;
  private final JsonCodec codec;
  private final Set<String> written = new HashSet<>();
  private final Map<Digest, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> repositories = new TreeMap<>();

  /**
   * Begins an archive.
   *
   * @param tar where it is written; closed with this
   */
  public DockerArchive(TarOutput tar, JsonCodec codec) {
    this.tar = tar;
    this.codec = codec;
  }

  /** A line of {@code manifest.json}. */
  private record Entry(String config, List<String> layers, List<String> tags) {}

  /**
   * A folder of the archive.
   *
   * @param name the V1 id; the digits of the layer's digest when there is no V1 image
   * @param json the JSON of the V1 image, byte for byte; empty when there is none
   * @param layer the layer; empty when it contains nothing and is not part of the image as it is
   *     served by digest
   */
  public record Folder(String name, Optional<byte[]> json, Optional<Layer> layer) {}

  /** A layer. */
  public record Layer(Descriptor descriptor, Content content) {}

  /**
   * Adds an image. Folders that are in the archive already are not written again.
   *
   * @param config the configuration
   * @param folders the layers, the base first
   * @return how many bytes of layers were added
   * @throws DamagedContentException when a layer is damaged: then the image is not in the archive
   * @throws IOException when reading or writing fails
   */
  public long add(byte[] config, List<Folder> folders) throws IOException {
    Digest digest = Digest.of(config);
    long bytes = 0;
    List<String> layers = new ArrayList<>();
    for (Folder folder : folders) {
      String layer = folder.name() + "/layer.tar";
      if (folder.layer().isPresent()) {
        layers.add(layer);
      }
      if (written.add(folder.name())) {
        boolean added = false;
        try {
          bytes += add(folder, layer);
          added = true;
        } finally {
          if (!added) {
            written.remove(folder.name());
          }
        }
      }
    }
    if (!entries.containsKey(digest)) {
      String name = digest.hex() + ".json";
      tar.add(name, config);
      entries.put(digest, new Entry(name, layers, new ArrayList<>()));
    }
    return bytes;
  }

  // The layer first: with the other files, a folder is an image for old daemons.
  private long add(Folder folder, String layer) throws IOException {
    long bytes = 0;
    if (folder.layer().isPresent()) {
      Layer found = folder.layer().get();
      tar.add(layer, found.descriptor(), found.content());
      bytes = found.descriptor().size();
    } else {
      Descriptor nothing = new Descriptor("", Digest.of(NOTHING), NOTHING.length);
      tar.add(layer, nothing, () -> new ByteArrayInputStream(NOTHING));
    }
    if (folder.json().isPresent()) {
      tar.add(folder.name() + "/VERSION", VERSION);
      tar.add(folder.name() + "/json", folder.json().get());
    }
    return bytes;
  }

  /**
   * Names an image that was added.
   *
   * @param config its configuration
   * @param repository the name of the repository
   * @param tag the tag
   * @param image the V1 id; empty when there is no V1 image
   * @param isValid whether daemons that read {@code manifest.json} have such names; they refuse the
   *     whole archive otherwise
   */
  public void name(
      byte[] config, String repository, String tag, Optional<String> image, boolean isValid) {
    Entry entry = entries.get(Digest.of(config));
    String name = repository + ":" + tag;
    if (entry != null && isValid && !entry.tags().contains(name)) {
      entry.tags().add(name);
    }
    image.ifPresent(
        id -> {
          repositories.computeIfAbsent(repository, key -> new TreeMap<>()).put(tag, id);
        });
  }

  /** Ends the archive. */
  public void finish() throws IOException {
    if (tar.isBroken()) {
      throw new IOException("The archive ends in the middle of damaged content");
    }
    tar.add(
        "manifest.json",
        codec.render(
            entries.values().stream()
                .map(
                    entry ->
                        Map.of(
                            "Config", entry.config(),
                            "RepoTags", entry.tags(),
                            "Layers", entry.layers()))
                .toList()));
    tar.add("repositories", codec.render(repositories));
    tar.finish();
  }

  /** Whether the archive cannot be completed any more. */
  public boolean isBroken() {
    return tar.isBroken();
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
