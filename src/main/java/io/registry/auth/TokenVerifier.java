package io.registry.auth;

import io.registry.image.ImageId;
import io.registry.problem.RegistryException;
import java.util.Optional;

/** Asks the index about tokens (protocol 2.5, 4.2). */
public interface TokenVerifier {

  /**
   * Asks whether a token is valid.
   *
   * @param token the claim
   * @return what it allows; nothing when the index refuses it
   * @throws RegistryException {@code UNAVAILABLE} when the index cannot be asked
   */
  Optional<Grant> verify(AccessToken token);

  /**
   * Asks whether the owner of a token may have an image that is not of the token's repository.
   *
   * @param token the claim
   * @param image the image
   * @return whether the index says yes
   * @throws RegistryException {@code UNAVAILABLE} when the index cannot be asked
   */
  boolean mayAccess(AccessToken token, ImageId image);
}
