package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.util.Set;

/**
 * What the index has allowed for a token.
 *
 * @param user the user that the token was issued to; empty when the index does not say, or when it
 *     was issued to an anonymous caller
 * @param repository the repository
 * @param access the access to the repository
 * @param images the images that the index lists for the repository
 */
public record Grant(String user, RepositoryName repository, Access access, Set<ImageId> images) {

  /** Makes a defensive copy of the images. */
  public Grant {
    images = Set.copyOf(images);
  }
}
