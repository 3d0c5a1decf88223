package io.registry.content.liveness;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryName;

/**
 * Receives the content that a {@link LivenessRoot} keeps alive. Content that does not exist may be
 * named, too.
 */
public interface LiveContent {
  /**
   * Keeps a manifest in a repository, with everything that it lists, what that lists in turn, and
   * its referrers there. The files with which the repository contains them stay, and so do the
   * bytes, even if the repository does not contain them any more.
   *
   * @param repository the repository, which need not exist
   * @param digest the digest of the manifest
   */
  void manifest(RepositoryName repository, Digest digest);

  /**
   * Keeps a blob in a repository, and its bytes.
   *
   * @param repository the repository, which need not exist
   * @param digest the digest of the blob
   */
  void blob(RepositoryName repository, Digest digest);

  /**
   * Keeps a V1 image with its ancestors, and the manifest that it was pushed with.
   *
   * @param image the image; the digest of a manifest is not one
   */
  void image(ImageId image);
}
