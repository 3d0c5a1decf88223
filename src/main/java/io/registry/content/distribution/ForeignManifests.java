package io.registry.content.distribution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.Referrer;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobInfo;
import java.util.Map;
import java.util.Optional;

/**
 * What the manifests of a tree are. The tree does not say it, so that each is read once; what a
 * digest names never changes.
 */
final class ForeignManifests {
  /** Distribution accepts up to 4 MiB. */
  private static final long MAX_BYTES = 8L * 1024 * 1024;

  private static final int MAX_KNOWN = 100_000;

  private final ForeignTree tree;
  private final ManifestParser parser;
  private final Cache<Digest, Described> known =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).build();

  ForeignManifests(ForeignTree tree, JsonCodec codec) {
    this.tree = tree;
    this.parser = new ManifestParser(codec);
  }

  /**
   * What a manifest is.
   *
   * @param descriptor its media type, digest and size
   * @param subject the manifest that it refers to; empty for none
   * @param referrer how it is listed there
   */
  record Described(Descriptor descriptor, Optional<Digest> subject, Referrer referrer) {}

  /** Describes a manifest; empty when its bytes are lost, or are no manifest. */
  Optional<Described> find(Digest digest) {
    Described found = known.getIfPresent(digest);
    return found == null ? read(digest) : Optional.of(found);
  }

  private Optional<Described> read(Digest digest) {
    Optional<Described> read =
        tree.storage()
            .stat(tree.file(digest))
            .map(BlobInfo::size)
            .filter(size -> size <= MAX_BYTES)
            .flatMap(size -> tree.storage().read(tree.file(digest), (int) MAX_BYTES))
            .flatMap(bytes -> describe(digest, bytes));
    read.ifPresent(described -> known.put(digest, described));
    return read;
  }

  private Optional<Described> describe(Digest digest, byte[] bytes) {
    return parser
        .mediaType(bytes)
        .map(
            type -> {
              Descriptor descriptor = new Descriptor(type, digest, bytes.length);
              return parse(type, bytes)
                  .map(manifest -> described(descriptor, manifest))
                  .orElseGet(
                      () ->
                          new Described(
                              descriptor,
                              Optional.empty(),
                              new Referrer(descriptor, "", Map.of())));
            });
  }

  private static Described described(Descriptor descriptor, Manifest manifest) {
    return new Described(
        descriptor,
        manifest.subject().map(Descriptor::digest),
        new Referrer(descriptor, manifest.artifactType(), manifest.annotations()));
  }

  // Empty for what another registry has accepted by other rules.
  private Optional<Manifest> parse(String type, byte[] bytes) {
    try {
      return Optional.of(parser.parse(type, bytes));
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }
}
