package io.registry.content.manifest;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the server has to know of a manifest that a client pushes. The bytes themselves are stored
 * and served unchanged.
 *
 * @param mediaType what the manifest is
 * @param kind what it is made of
 * @param config the configuration of an image; empty for other manifests
 * @param layers the layers of an image, the base first
 * @param children the manifests or blobs that an index lists
 * @param subject the manifest that this one refers to, which need not exist
 * @param artifactType the type that referrers are filtered by; empty for none
 * @param annotations the annotations of the manifest
 */
public record Manifest(
    String mediaType,
    Kind kind,
    Optional<Descriptor> config,
    List<Part> layers,
    List<Part> children,
    Optional<Descriptor> subject,
    String artifactType,
    Map<String, String> annotations) {

  /** What a manifest is made of. */
  public enum Kind {
    /** A configuration and layers. */
    IMAGE,
    /** A chain of V1 images: Docker's schema 1, without a configuration and sizes of layers. */
    SCHEMA_ONE,
    /** Other manifests. */
    INDEX,
    /** Anything else: the server does not look into it. */
    OTHER
  }

  /**
   * A layer of an image, or an entry of an index.
   *
   * @param descriptor names it
   * @param isElsewhere whether clients get it from a URL, so that the registry need not have it
   * @param platform the operating system and architecture of an entry, {@code os/architecture} and
   *     perhaps {@code /variant}; empty when it says none
   */
  public record Part(Descriptor descriptor, boolean isElsewhere, String platform) {}

  /** Keeps copies. */
  public Manifest {
    layers = List.copyOf(layers);
    children = List.copyOf(children);
    annotations = Map.copyOf(annotations);
  }

  /** The configuration and the layers that the repository must contain. */
  public List<Descriptor> blobs() {
    return Stream.concat(
            config.stream(),
            layers.stream().filter(layer -> !layer.isElsewhere()).map(Part::descriptor))
        .distinct()
        .toList();
  }
}
