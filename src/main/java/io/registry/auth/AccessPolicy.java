package io.registry.auth;

import io.registry.image.ImageId;
import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;

/**
 * Decides who may do what: one implementation for each way of having an index. An image is nobody's
 * by its id: it may be had through a repository that it belongs to (protocol 4.8).
 *
 * <p>Every method throws a {@link RegistryException} of the kind {@code UNAVAILABLE} when it cannot
 * be decided now.
 */
public interface AccessPolicy {

  /** Whether somebody may do that with a repository, which need not exist. */
  Decision decide(Caller caller, RepositoryName repository, Action action);

  /** Whether somebody may read or write an image, which need not exist. */
  Decision decide(Caller caller, ImageId image, Action action);

  /** Which repositories somebody may read, as far as that can be said of all at once. */
  ReadScope scope(Caller caller);

  /**
   * Whether a client that pushes may build upon an image, which need not exist: upon it and all
   * that it builds upon.
   */
  boolean mayBuildOn(Caller caller, ImageId parent);

  /**
   * Whether a tag of a repository may name an image, which need not exist: so that who may read the
   * repository may read the image and all that it builds upon.
   */
  boolean mayTag(Caller caller, RepositoryName repository, ImageId image);
}
