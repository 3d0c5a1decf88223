package io.registry.auth;

import io.registry.image.ImageId;
import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;
import java.util.Collection;

/**
 * Decides what a caller may do; there is one implementation for each index mode. An image has no
 * permissions by its id: a caller may use it through a repository that it belongs to (protocol
 * 4.8).
 *
 * <p>The methods in the past tense notify a policy of an event. By default they do nothing; a
 * policy overrides those that its decisions depend on.
 *
 * <p>Every method throws a {@link RegistryException} of the kind {@code UNAVAILABLE} when a
 * decision is not possible at the moment.
 */
public interface AccessPolicy {

  /** Decides whether the caller may do the action with a repository, which need not exist. */
  Decision decide(Caller caller, RepositoryName repository, Action action);

  /** Decides whether the caller may do the action with an image, which need not exist. */
  Decision decide(Caller caller, ImageId image, Action action);

  /** The repositories that the caller may read, as far as one rule can describe all of them. */
  ReadScope scope(Caller caller);

  /**
   * Whether a caller that pushes may use an image, which need not exist, as a parent: the image and
   * all its ancestors.
   */
  boolean mayBuildOn(Caller caller, ImageId parent);

  /**
   * Whether a tag of a repository may name an image, which need not exist. A caller that may read
   * the repository may then read the image and all its ancestors.
   */
  boolean mayTag(Caller caller, RepositoryName repository, ImageId image);

  /**
   * Notifies the policy that the caller has read the tags or the image list of a repository, and
   * may go on to request images by their ids alone.
   */
  default void opened(Caller caller, RepositoryName repository) {}

  /**
   * Notifies the policy that a caller with write access to a repository has announced images of it.
   *
   * @param images ids as the client listed them; they may be ids of images that belong to others
   */
  default void announced(Caller caller, RepositoryName repository, Collection<ImageId> images) {}

  /**
   * Notifies the policy that the caller has sent all bytes of an image, so that it belongs to the
   * repository that it was sent for.
   */
  default void received(Caller caller, ImageId image) {}

  /** Notifies the policy that a tag of a repository now names an image. */
  default void tagged(RepositoryName repository, ImageId image) {}

  /** Notifies the policy that a repository was removed. */
  default void removed(RepositoryName repository) {}
}
