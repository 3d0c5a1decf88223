package io.registry.auth;

import io.registry.image.ImageId;
import io.registry.repository.RepositoryName;
import java.util.Set;

/**
 * What the index has allowed for a token.
 *
 * @param user whom the token was issued to; empty when the index does not tell, or to nobody
 * @param repository the repository
 * @param access what may be done with it
 * @param images the images that the index lists for the repository
 */
public record Grant(String user, RepositoryName repository, Access access, Set<ImageId> images) {

  /** Keeps a copy of the images. */
  public Grant {
    images = Set.copyOf(images);
  }
}
