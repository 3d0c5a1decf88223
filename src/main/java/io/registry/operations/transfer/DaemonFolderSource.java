package io.registry.operations.transfer;

import io.registry.content.archive.Content;
import io.registry.content.archive.FolderTar;
import io.registry.content.archive.TarSplit;
import io.registry.content.image.ImageId;
import io.registry.operations.transfer.Found.Chain;
import io.registry.operations.transfer.Found.Name;
import io.registry.operations.transfer.Found.V1;
import io.registry.platform.json.JsonCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The images of a Docker daemon up to 1.9, in its own folder. Docker 1.8 and 1.9 noted how the tar
 * of a layer looked; then it is made again byte for byte. Older ones are made anew of the folder of
 * the layer, where the driver has one with the changes only.
 */
final class DaemonFolderSource implements ImportSource {
  private static final String GRAPH = "graph";
  private static final String NAMES = "repositories-";
  private static final String NOTES = "tar-data.json.gz";
  private static final String AUFS = "aufs";

  /** Where drivers keep the files of an image; only those of AUFS are without its parents. */
  private static final Map<String, String> FILES =
      Map.of(
          AUFS,
          "aufs/diff/%s",
          "btrfs",
          "btrfs/subvolumes/%s",
          "overlay",
          "overlay/%s/root",
          "vfs",
          "vfs/dir/%s");

  /** What AUFS keeps for itself at the root of a layer. */
  private static final String AUFS_OWN = ".wh..wh.";

  private static final String OPAQUE = ".wh..wh..opq";

  /** Longer chains than any daemon makes. */
  private static final int MAX_CHAIN = 1024;

  private final JsonCodec codec;
  private final Path folder;

  DaemonFolderSource(JsonCodec codec, Path folder) {
    this.codec = codec;
    this.folder = folder;
  }

  /** Whether a folder is one of Docker up to 1.9. */
  static boolean isOne(Path folder) throws IOException {
    return Files.isDirectory(folder.resolve(GRAPH)) && !lists(folder).isEmpty();
  }

  // Each driver has its own names.
  private static List<Path> lists(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith(NAMES))
          .sorted()
          .toList();
    }
  }

  @Override
  public void images(Taker taker) throws IOException {
    for (Path list : lists(folder)) {
      String driver = String.valueOf(list.getFileName()).substring(NAMES.length());
      for (Map.Entry<ImageId, List<Name>> image : named(list).entrySet()) {
        try {
          taker.take(new Chain(image.getValue(), chain(driver, image.getKey())));
        } catch (RefusedException e) {
          for (Name name : image.getValue()) {
            taker.failed(name, e);
          }
        }
      }
    }
  }

  private Map<ImageId, List<Name>> named(Path list) throws IOException {
    JsonNode repositories =
        codec
            .parseUntrusted(read(list))
            .map(json -> json.path("Repositories"))
            .filter(JsonNode::isObject)
            .orElseThrow(() -> new RefusedException(list + " names no images"));
    Map<ImageId, List<Name>> named = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> repository : repositories.properties()) {
      for (Map.Entry<String, JsonNode> tag : repository.getValue().properties()) {
        // Digests are among the tags.
        Optional<ImageId> id = ImageId.find(tag.getValue().asString(""));
        if (id.isPresent() && tag.getKey().indexOf(':') < 0) {
          named
              .computeIfAbsent(id.get(), key -> new ArrayList<>())
              .add(new Name(ImageNames.withoutHost(repository.getKey()), tag.getKey()));
        }
      }
    }
    return named;
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(Sizes.MAX_DOCUMENT + 1);
      if (bytes.length > Sizes.MAX_DOCUMENT) {
        throw new RefusedException(file + " is too large for what it is");
      }
      return bytes;
    }
  }

  // The base first.
  private List<V1> chain(String driver, ImageId top) throws IOException {
    List<V1> chain = new ArrayList<>();
    Set<ImageId> seen = new HashSet<>();
    Optional<ImageId> next = Optional.of(top);
    while (next.isPresent()) {
      ImageId id = next.get();
      Path json = folder.resolve(GRAPH).resolve(id.value()).resolve("json");
      if (!Files.isRegularFile(json)) {
        throw new RefusedException("The image " + id + " is lost there");
      }
      if (!seen.add(id) || chain.size() > MAX_CHAIN) {
        throw new RefusedException("The chain of the parents of " + top + " has no end");
      }
      byte[] bytes = read(json);
      chain.add(0, new V1(id, bytes, layer(driver, id)));
      next =
          ImageId.find(
              codec
                  .parseUntrusted(bytes)
                  .orElseThrow(() -> new RefusedException("The JSON of " + id + " is damaged"))
                  .path("parent")
                  .asString(""));
    }
    return chain;
  }

  private Content layer(String driver, ImageId id) {
    String place = FILES.get(driver);
    if (place == null) {
      throw new RefusedException(
          "The driver %s keeps no files that can be read: use docker save".formatted(driver));
    }
    Path files = folder.resolve(place.formatted(id));
    if (!Files.isDirectory(files)) {
      throw new RefusedException("The layer of " + id + " is lost there: there is no " + files);
    }
    Path notes = folder.resolve(GRAPH).resolve(id.value()).resolve(NOTES);
    if (Files.isRegularFile(notes)) {
      return () -> TarSplit.open(codec, notes, files);
    }
    if (!driver.equals(AUFS)) {
      throw new RefusedException(
          "%s has no %s: without it, %s does not tell its layer from its parents; use docker save"
              .formatted(id, NOTES, driver));
    }
    return () -> FolderTar.open(files, DaemonFolderSource::isOfTheLayer);
  }

  private static boolean isOfTheLayer(String name) {
    return !name.startsWith(AUFS_OWN) || name.equals(OPAQUE);
  }

  @Override
  public void close() {}
}
