package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.RegistryException;

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
}
