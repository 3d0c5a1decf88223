package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.util.Collection;

/**
 * Is told what callers were shown, sent and changed, after it happened, and notes what {@link
 * AccessPolicy} goes by.
 *
 * <p>Every method may throw a {@link io.registry.platform.problem.RegistryException} of the kind
 * {@code UNAVAILABLE} when it cannot be noted now.
 */
public interface AccessRecorder {
  /** Notes nothing: nothing is decided by what has happened. */
  AccessRecorder NONE = new AccessRecorder() {};

  /**
   * Notes that a caller was told the tags or images of a repository, and may go on to ask for
   * images by their ids alone.
   */
  default void opened(Caller caller, RepositoryName repository) {}

  /**
   * Notes that a caller who may write a repository announced images of it.
   *
   * @param images ids as the client listed them, which may be of images of others
   */
  default void announced(Caller caller, RepositoryName repository, Collection<ImageId> images) {}

  /**
   * Notes that a caller has sent all bytes of an image, so that it belongs to the repository that
   * it was sent for.
   */
  default void received(Caller caller, ImageId image) {}

  /**
   * Notes that all bytes of an image were sent for a repository, where the protocol names it with
   * each request.
   */
  default void received(RepositoryName repository, ImageId image) {}

  /** Notes that a tag of a repository names an image. */
  default void tagged(RepositoryName repository, ImageId image) {}

  /** Notes that a repository is about to contain the layer of an image, without its own copy. */
  default void linked(RepositoryName repository, ImageId image) {}

  /** Notes that a repository was removed. */
  default void removed(RepositoryName repository) {}
}
