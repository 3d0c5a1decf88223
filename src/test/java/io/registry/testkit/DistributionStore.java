package io.registry.testkit;

import io.registry.platform.json.JsonCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The tree of a Distribution 2.8.3, with what it served of it, unpacked into a directory of the
 * test's. Reads it with nothing of the registry's own code.
 */
public final class DistributionStore {
  private static final String TREE = "/fixtures/distribution-store.tar.gz";
  private static final String SERVED = "/fixtures/distribution-store.json";

  private final OriginalStore files;

  private DistributionStore(OriginalStore files) {
    this.files = files;
  }

  /** Unpacks the tree into a directory, which is the rootdirectory then. */
  public static DistributionStore unpack(Path directory) {
    return new DistributionStore(OriginalStore.unpack(TREE, directory));
  }

  /**
   * What Distribution served for a tag.
   *
   * @param repository its name there
   * @param tag the tag
   * @param digest of the manifest
   * @param mediaType of the manifest
   * @param blobs the digests of the configuration and the layers
   * @param manifests the digests of what an index lists
   */
  public record Served(
      String repository,
      String tag,
      String digest,
      String mediaType,
      List<String> blobs,
      List<String> manifests) {}

  /** What Distribution served of the tree. */
  public static List<Served> served() {
    try (InputStream in = OriginalStore.resource(SERVED)) {
      List<Served> all = new ArrayList<>();
      JsonNode repositories = new JsonCodec().parse(in.readAllBytes()).orElseThrow();
      repositories
          .properties()
          .forEach(
              repository ->
                  repository
                      .getValue()
                      .path("tags")
                      .properties()
                      .forEach(
                          tag ->
                              all.add(served(repository.getKey(), tag.getKey(), tag.getValue()))));
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Served served(String repository, String tag, JsonNode json) {
    return new Served(
        repository,
        tag,
        json.path("digest").stringValue(),
        json.path("mediaType").stringValue(),
        texts(json.path("blobs")),
        texts(json.path("manifests")));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.stringValue()));
    return texts;
  }

  /** The rootdirectory. */
  public Path root() {
    return files.root();
  }

  /** The bytes of a digest. */
  public byte[] bytes(String digest) {
    String hex = digest.substring(digest.indexOf(':') + 1);
    return files.bytes(
        "docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
  }

  /** The SHA-256 and the time of each file of the tree, by path, and the names of all folders. */
  public static Map<String, String> state(Path root) {
    Map<String, String> state = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root.resolve("docker"))) {
      for (Path each : all.toList()) {
        FileTime modified = Files.getLastModifiedTime(each);
        state.put(
            root.relativize(each).toString(),
            Files.isDirectory(each)
                ? "folder, " + modified
                : OriginalStore.sha256(Files.readAllBytes(each)) + ", " + modified);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return state;
  }
}
