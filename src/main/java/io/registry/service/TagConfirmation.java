package io.registry.service;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.liveness.RemovalGuard;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * Looks at an image again after it got a tag, when a collection may have removed it since the first
 * look: for a server that was paused between the look and the tag. A tag that a walk can see keeps
 * everything that is there then.
 */
@Component
class TagConfirmation {
  private final ImageReader images;
  private final Tags tags;
  private final RemovalGuard guard;

  TagConfirmation(@Qualifier("localImages") ImageReader images, Tags tags, RemovalGuard guard) {
    this.images = images;
    this.tags = tags;
    this.guard = guard;
  }

  /** The state of the collections, before the first look. */
  long stamp() {
    return guard.stamp();
  }

  /** Whether something may have been removed since then. */
  boolean mayHaveRemoved(long stamp) {
    return guard.mayHaveRemoved(stamp);
  }

  /**
   * Looks again.
   *
   * @param stamp of the first look
   * @throws RegistryException {@code UNAVAILABLE} when the image or an ancestor is gone; the tag is
   *     removed then
   */
  void confirm(RepositoryName repository, TagName tag, ImageId image, long stamp) {
    if (image.isManifest() || !guard.mayHaveRemoved(stamp) || isWhole(image)) {
      return;
    }
    boolean unused = tags.removeIf(repository, tag, image::equals);
    throw new RegistryException(
        Problem.UNAVAILABLE, "The image was removed meanwhile: push it again");
  }

  private boolean isWhole(ImageId image) {
    try {
      images.ancestry(image).forEach(images::requireComplete);
      return true;
    } catch (RegistryException e) {
      if (e.problem() == Problem.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }
}
