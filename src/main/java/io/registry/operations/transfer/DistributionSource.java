package io.registry.operations.transfer;

import io.registry.content.archive.Content;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.operations.transfer.Found.ByDigest;
import io.registry.operations.transfer.Found.Name;
import io.registry.platform.json.JsonCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The images in the storage folder of a Distribution registry, {@code registry:2} or later
 * (distribution, registry/storage/paths.go).
 */
final class DistributionSource implements ImportSource {
  /** Below the folder that the registry is configured with. */
  static final Path ROOT = Path.of("docker", "registry", "v2");

  private static final String MANIFESTS = "_manifests";
  private static final int MAX_LINK = 1024;

  private final JsonCodec codec;
  private final Path blobs;
  private final Path repositories;

  DistributionSource(JsonCodec codec, Path folder) {
    this.codec = codec;
    this.blobs = folder.resolve(ROOT).resolve("blobs");
    this.repositories = folder.resolve(ROOT).resolve("repositories");
  }

  @Override
  public void images(Taker taker) throws IOException {
    if (Files.isDirectory(repositories)) {
      walk(repositories, taker);
    }
  }

  // Repositories may be in repositories.
  private void walk(Path folder, Taker taker) throws IOException {
    for (Path each : list(folder)) {
      String name = String.valueOf(each.getFileName());
      if (name.equals(MANIFESTS)) {
        repository(repositories.relativize(folder).toString(), each, taker);
      } else if (!name.startsWith("_") && Files.isDirectory(each)) {
        walk(each, taker);
      }
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private void repository(String repository, Path manifests, Taker taker) throws IOException {
    for (Path tag : list(manifests.resolve("tags"))) {
      Name name = new Name(repository, String.valueOf(tag.getFileName()));
      take(name, tag.resolve("current").resolve("link"), taker);
    }
    // What refers to images has no tags.
    for (Path algorithm : list(manifests.resolve("revisions"))) {
      for (Path revision : list(algorithm)) {
        Path link = revision.resolve("link");
        if (Files.isRegularFile(link) && isReferrer(link)) {
          take(new Name(repository, ""), link, taker);
        }
      }
    }
  }

  private boolean isReferrer(Path link) throws IOException {
    Optional<Digest> digest = Digest.find(read(link, MAX_LINK));
    return digest.isPresent()
        && Files.isRegularFile(path(digest.get()))
        && codec
            .parseUntrusted(
                read(path(digest.get()), Sizes.MAX_DOCUMENT).getBytes(StandardCharsets.UTF_8))
            .filter(json -> json.path("subject").isObject())
            .isPresent();
  }

  private void take(Name name, Path link, Taker taker) throws IOException {
    ByDigest found;
    try {
      Digest digest =
          Digest.find(read(link, MAX_LINK))
              .orElseThrow(() -> new RefusedException("The file of the tag names no digest"));
      Path file = path(digest);
      if (!Files.isRegularFile(file)) {
        throw new RefusedException("The manifest " + digest + " is lost there");
      }
      byte[] bytes = bytes(file, Sizes.MAX_DOCUMENT);
      if (!digest.isDigestOf(bytes)) {
        throw new RefusedException("The bytes of " + digest + " have another digest");
      }
      found =
          new ByDigest(
              List.of(name),
              new Descriptor("", digest, bytes.length),
              bytes,
              blob -> content(blob.digest()));
    } catch (RefusedException e) {
      taker.failed(name, e);
      return;
    }
    taker.take(found);
  }

  private Optional<Content> content(Digest digest) {
    Path file = path(digest);
    return Files.isRegularFile(file)
        ? Optional.of(() -> Files.newInputStream(file))
        : Optional.empty();
  }

  private Path path(Digest digest) {
    return blobs
        .resolve(digest.algorithm())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex())
        .resolve("data");
  }

  private static String read(Path file, int limit) throws IOException {
    return new String(bytes(file, limit), StandardCharsets.UTF_8).strip();
  }

  private static byte[] bytes(Path file, int limit) throws IOException {
    if (!Files.isRegularFile(file)) {
      return new byte[0];
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(limit);
    }
  }

  @Override
  public void close() {}
}
