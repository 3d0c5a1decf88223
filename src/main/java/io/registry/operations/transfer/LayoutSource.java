package io.registry.operations.transfer;

import io.registry.content.archive.ArchiveException;
import io.registry.content.archive.Content;
import io.registry.content.archive.TarFile;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.operations.transfer.Found.ByDigest;
import io.registry.operations.transfer.Found.Name;
import io.registry.platform.json.JsonCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The images of an OCI layout, in a folder or in an archive (OCI image-spec, image layout). */
final class LayoutSource implements ImportSource {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String IMAGE_NAME = "io.containerd.image.name";
  private static final String INDEX = "index.json";

  private final JsonCodec codec;
  private final LayoutFiles files;

  private LayoutSource(JsonCodec codec, LayoutFiles files) {
    this.codec = codec;
    this.files = files;
  }

  /** The files of a layout. */
  private interface LayoutFiles extends AutoCloseable {
    byte[] read(String name) throws IOException;

    Optional<Content> find(String name) throws IOException;

    @Override
    void close() throws IOException;
  }

  static LayoutSource of(JsonCodec codec, Path folder) throws IOException {
    Path real = folder.toRealPath();
    return new LayoutSource(codec, new FolderFiles(real));
  }

  static LayoutSource of(JsonCodec codec, TarFile tar) {
    return new LayoutSource(codec, new TarFiles(tar));
  }

  private record FolderFiles(Path folder) implements LayoutFiles {
    @Override
    public byte[] read(String name) throws IOException {
      Content content = find(name).orElseThrow(() -> new ArchiveException(name, "it is not there"));
      try (InputStream in = content.open()) {
        return limited(name, in);
      }
    }

    // Links are followed where they stay in the layout.
    @Override
    public Optional<Content> find(String name) throws IOException {
      Path file = folder.resolve(name);
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      if (!file.toRealPath().startsWith(folder)) {
        throw new ArchiveException(name, "it is a link out of the layout");
      }
      return Files.isRegularFile(file)
          ? Optional.of(() -> Files.newInputStream(file))
          : Optional.empty();
    }

    @Override
    public void close() {}
  }

  private record TarFiles(TarFile tar) implements LayoutFiles {
    @Override
    public byte[] read(String name) throws IOException {
      return tar.read(tar.require(name), Sizes.MAX_DOCUMENT);
    }

    @Override
    public Optional<Content> find(String name) {
      return tar.find(name).map(entry -> () -> tar.open(entry));
    }

    @Override
    public void close() throws IOException {
      tar.close();
    }
  }

  private static byte[] limited(String name, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(Sizes.MAX_DOCUMENT + 1);
    if (bytes.length > Sizes.MAX_DOCUMENT) {
      throw new ArchiveException(name, "it is too large for what it is");
    }
    return bytes;
  }

  private static String path(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  @Override
  public void images(Taker taker) throws IOException {
    JsonNode index =
        codec
            .parseUntrusted(files.read(INDEX))
            .filter(json -> json.path("manifests").isArray())
            .orElseThrow(() -> new ArchiveException(INDEX, "it lists no manifests"));
    Map<Digest, String> repositories = new HashMap<>();
    List<ByDigest> nameless = new ArrayList<>();
    for (JsonNode entry : index.path("manifests")) {
      ByDigest image = image(entry);
      if (image.names().isEmpty()) {
        nameless.add(image);
      } else {
        repositories.put(image.manifest().digest(), image.names().get(0).repository());
        taker.take(image);
      }
    }
    for (ByDigest image : nameless) {
      taker.take(withSubject(image, repositories));
    }
  }

  // What refers to an image goes where the image goes.
  private ByDigest withSubject(ByDigest image, Map<Digest, String> repositories) {
    Optional<String> repository =
        codec
            .parseUntrusted(image.bytes())
            .map(json -> json.path("subject").path("digest").asString(""))
            .flatMap(Digest::find)
            .map(repositories::get);
    repository.ifPresent(found -> repositories.put(image.manifest().digest(), found));
    return repository
        .map(
            found ->
                new ByDigest(
                    List.of(new Name(found, "")), image.manifest(), image.bytes(), image.blobs()))
        .orElse(image);
  }

  private ByDigest image(JsonNode entry) throws IOException {
    String text = entry.path("digest").asString("");
    Digest digest =
        Digest.find(text)
            .orElseThrow(() -> new ArchiveException(INDEX, "it lists no digest: " + text));
    byte[] bytes = files.read(path(digest));
    if (!digest.isDigestOf(bytes)) {
      throw new ArchiveException(path(digest), "its bytes have another digest");
    }
    Descriptor manifest =
        new Descriptor(entry.path("mediaType").asString(""), digest, bytes.length);
    return new ByDigest(
        names(entry.path("annotations")), manifest, bytes, blob -> files.find(path(blob.digest())));
  }

  // Docker writes the full name beside the tag, others the one or the other in the same place.
  private static List<Name> names(JsonNode annotations) {
    String full = annotations.path(IMAGE_NAME).asString("");
    String name = annotations.path(REF_NAME).asString("");
    if (!full.isEmpty()) {
      return List.of(ImageNames.of(full));
    }
    return name.isEmpty() ? List.of() : List.of(ImageNames.of(name));
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
