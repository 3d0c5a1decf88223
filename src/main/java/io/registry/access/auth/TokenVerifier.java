package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.platform.problem.RegistryException;
import java.util.Optional;

/** Verifies tokens by asking the index (protocol 2.5, 4.2). */
public interface TokenVerifier {

  /**
   * Verifies a token.
   *
   * @param token the claim
   * @return what it allows; empty when the index refuses it
   * @throws RegistryException {@code UNAVAILABLE} when the index cannot be asked
   */
  Optional<Grant> verify(AccessToken token);

  /**
   * Asks whether the owner of a token may read an image that is not in the token's repository.
   *
   * @param token the claim
   * @param image the image
   * @return whether the index allows it
   * @throws RegistryException {@code UNAVAILABLE} when the index cannot be asked
   */
  boolean mayAccess(AccessToken token, ImageId image);
}
