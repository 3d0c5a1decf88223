package io.registry.service;

import io.registry.bridge.BridgedBlob;
import io.registry.bridge.SchemaOneBridge;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.ManifestLink;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.manifest.SchemaOneManifest;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.Optional;
import java.util.function.Function;

/**
 * What clients of today get for the manifests of schema 1 that repositories contain: a manifest of
 * schema 2 and a configuration, as {@link SchemaOneBridge} makes them. They belong to each
 * repository that contains the manifest of schema 1.
 */
public final class ConvertedManifests {
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  private final SchemaOneBridge bridge;
  private final RepositoryContent content;
  private final BlobStore blobs;
  private final ManifestParser parser;
  private final ImageReader images;

  ConvertedManifests(
      SchemaOneBridge bridge,
      RepositoryContent content,
      BlobStore blobs,
      ManifestParser parser,
      ImageReader images) {
    this.bridge = bridge;
    this.content = content;
    this.blobs = blobs;
    this.parser = parser;
    this.images = images;
  }

  /**
   * Makes the manifest of schema 2 of a manifest of schema 1, when it is not there yet.
   *
   * @param digest the digest of the manifest of schema 1
   * @param layers finds a layer of the image; empty when there is none
   * @param isStale whether the tag that led to it may have moved
   * @throws RegistryException {@code NOT_FOUND} when the image cannot be converted, with the
   *     reason; {@code UNAVAILABLE} when that takes longer than a client waits
   */
  ServedManifest of(
      Digest digest, Function<Digest, Optional<BridgedBlob>> layers, boolean isStale) {
    SchemaOneBridge.Conversion made = bridge.convert(digest, this::read, layers);
    if (made.manifest().flatMap(manifest -> bridge.content(manifest.digest())).isEmpty()
        && made.refusal().isEmpty()) {
      bridge.forget(digest);
      made = bridge.convert(digest, this::read, layers);
    }
    String refusal = made.refusal();
    return made.manifest()
        .flatMap(
            manifest ->
                bridge
                    .content(manifest.digest())
                    .map(
                        bytes ->
                            new ServedManifest(
                                manifest.mediaType(), manifest.digest(), bytes, isStale)))
        .orElseThrow(
            () ->
                new RegistryException(
                    Problem.NOT_FOUND,
                    Subject.MANIFEST,
                    "The image of schema 1 cannot be converted: " + refusal));
  }

  /**
   * Reads a manifest of schema 1.
   *
   * @throws RegistryException {@code NOT_FOUND} when its bytes are lost; {@code INVALID} when it is
   *     not a chain of images
   */
  SchemaOneManifest read(Digest digest) {
    return blobs
        .read(digest, MAX_BYTES)
        .filter(digest::isDigestOf)
        .map(parser::schemaOne)
        .orElseThrow(
            () ->
                new RegistryException(
                    Problem.NOT_FOUND, Subject.MANIFEST, "The bytes of the manifest are lost"));
  }

  /**
   * The manifest of schema 1 of a repository that a manifest or a configuration was made of.
   *
   * @param made the digest of what was made
   * @return empty when the repository contains no such manifest
   */
  Optional<Digest> sourceOf(RepositoryName repository, Digest made) {
    return bridge.sourceOf(made, source -> content.findManifest(repository, source).isPresent());
  }

  /**
   * The V1 image of the manifest of schema 1 that a manifest was made of.
   *
   * @return empty when the repository contains no such manifest, or its V1 images were not made
   */
  Optional<ImageId> imageOf(RepositoryName repository, Digest made) {
    return sourceOf(repository, made)
        .flatMap(source -> content.findManifest(repository, source))
        .filter(link -> link.refusal().isEmpty())
        .flatMap(ManifestLink::image)
        .filter(this::isComplete);
  }

  private boolean isComplete(ImageId image) {
    try {
      images.requireComplete(image);
      return true;
    } catch (RegistryException e) {
      if (e.problem() == Problem.UNAVAILABLE) {
        throw e;
      }
      return false;
    }
  }

  /**
   * The configuration of a manifest that was made.
   *
   * @param layers finds a layer of the repository, when the configuration has to be made again
   * @return empty when no manifest of schema 1 of the repository has that configuration
   */
  Optional<BridgedBlob> config(
      RepositoryName repository, Digest digest, Function<Digest, Optional<BridgedBlob>> layers) {
    return sourceOf(repository, digest)
        .flatMap(
            source -> {
              if (bridge.content(digest).isEmpty()) {
                bridge.forget(source);
                of(source, layers, false);
              }
              return bridge.content(digest).map(bytes -> BridgedBlob.of(bytes, digest));
            });
  }
}
