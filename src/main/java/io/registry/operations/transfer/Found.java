package io.registry.operations.transfer;

import io.registry.content.archive.Content;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.Descriptor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** An image that a source has, in the form in which it has it. */
sealed interface Found {

  /**
   * A name of an image.
   *
   * @param repository the repository as the source writes it
   * @param tag the tag; empty when the image is found by its digest only
   */
  record Name(String repository, String tag) {}

  /** The names that the source gives it; none when it gives none. */
  List<Name> names();

  /** What the image is in the source, for people. */
  String what();

  /**
   * An image with a manifest.
   *
   * @param manifest the manifest
   * @param bytes the manifest, byte for byte
   * @param blobs finds what it names
   */
  @SuppressWarnings("ArrayRecordComponent")
  record ByDigest(List<Name> names, Descriptor manifest, byte[] bytes, Blobs blobs)
      implements Found {
    @Override
    public String what() {
      return manifest.digest().toString();
    }
  }

  /** Finds blobs and manifests. */
  @FunctionalInterface
  interface Blobs {

    /**
     * Finds content, which need not be what the digest says.
     *
     * @return empty when the source has no such content
     */
    Optional<Content> find(Descriptor content) throws IOException;

    /** The same for a manifest that an index lists. */
    default Optional<Content> findManifest(Descriptor manifest) throws IOException {
      return find(manifest);
    }

    /**
     * Whether content is read over a network: then it is read once, and compared while it is
     * stored.
     */
    default boolean isFar() {
      return false;
    }
  }

  /**
   * A V1 image with its ancestors.
   *
   * @param chain the images, the base first; when the first one has a parent, the registry has to
   *     have it already
   */
  record Chain(List<Name> names, List<V1> chain) implements Found {
    ImageId top() {
      return chain.get(chain.size() - 1).id();
    }

    @Override
    public String what() {
      return top().value();
    }
  }

  /**
   * A V1 image.
   *
   * @param id the image
   * @param json its JSON, byte for byte
   * @param layer its layer as it is stored
   */
  @SuppressWarnings("ArrayRecordComponent")
  record V1(ImageId id, byte[] json, Content layer) {}
}
