package io.registry.content.manifest;

/** The media types that the server knows (OCI image-spec, media types; Docker image spec v2.2). */
public final class MediaTypes {
  /** A Docker schema 2 manifest. */
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";

  /** A Docker list of manifests, one for each platform. */
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  /** A Docker schema 1 manifest without signatures. */
  public static final String DOCKER_SCHEMA_1 =
      "application/vnd.docker.distribution.manifest.v1+json";

  /** A Docker schema 1 manifest with its signatures. */
  public static final String DOCKER_SCHEMA_1_SIGNED =
      "application/vnd.docker.distribution.manifest.v1+prettyjws";

  /** The configuration of a Docker image. */
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

  /** A layer that is a tar packed with gzip. */
  public static final String DOCKER_LAYER_GZIP =
      "application/vnd.docker.image.rootfs.diff.tar.gzip";

  /** A layer that is a plain tar. */
  public static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";

  /** An OCI image manifest. */
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  /** An OCI image index. */
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";

  private MediaTypes() {}

  /** Whether a type is that of a Docker schema 1 manifest, with or without signatures. */
  public static boolean isSchemaOne(String mediaType) {
    return mediaType.equals(DOCKER_SCHEMA_1) || mediaType.equals(DOCKER_SCHEMA_1_SIGNED);
  }
}
